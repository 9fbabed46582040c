import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readBytes } from './read-bytes.js';

const folder = mkdtempSync(join(tmpdir(), 'maskloom-bytes-'));
const path = join(folder, 'file');
afterAll(() => rmSync(folder, { recursive: true }));

it.each([0, 1, 3_000_001])('a file of %i bytes, and its beginning', async (length) => {
  const bytes = Buffer.from(Uint8Array.from({ length }, (_, i) => i * 7));
  writeFileSync(path, bytes);
  expect(bytes.equals(await readBytes(path))).toBe(true);
  for (const most of [0, 1, 1000, length + 5])
    expect(bytes.subarray(0, most).equals(await readBytes(path, most))).toBe(true);
});

it('what is not there or is no file is an error of data', async () => {
  await expect(readBytes(join(folder, 'none'))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  await expect(readBytes(folder)).rejects.toMatchObject({ code: 'DATA_INVALID', where: folder });
});
