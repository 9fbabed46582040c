import {
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { knownHash, sha256OfFile } from './file-hash.js';
import { HashMemory } from './hash-memory.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskloom-hash-'));
  file = join(folder, 'model.onnx');
  writeFileSync(file, Buffer.alloc(17_000_000, 7));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What another process would see: nothing in memory, only the file. */
const memory = (): HashMemory => new HashMemory(join(folder, 'cache'));
/** Plants a wrong hash for what is remembered of the file, so that a hash from memory can be told from one read. */
const plant = (hash: string): void => {
  const lines = join(folder, 'cache', 'verified.jsonl');
  writeFileSync(lines, readFileSync(lines, 'utf8').replace(/[0-9a-f]{64}/, hash));
};

it('a large file is hashed once; the next process remembers it while it is unchanged', async () => {
  const hash = await sha256OfFile(file);
  expect(await knownHash(file, { memory: memory() })).toBe(hash);
  plant('f'.repeat(64));
  // Inside one process the first answer stands; `anew` stands for the next process here, and reads.
  expect(await knownHash(file, { memory: memory(), anew: true })).toBe(hash);
});

it('recalls by path, size, time of change and inode', async () => {
  await knownHash(file, { memory: memory() });
  plant('e'.repeat(64));
  const state = { path: file, size: 17_000_000n, mtimeNs: 0n, ino: 0n };
  const { mtimeNs, ino } = statSync(file, { bigint: true });
  expect(await memory().recall({ ...state, mtimeNs, ino })).toBe('e'.repeat(64));
  expect(await memory().recall({ ...state, mtimeNs: mtimeNs + 1n, ino })).toBeUndefined();
  expect(await memory().recall({ ...state, mtimeNs, ino: ino + 1n })).toBeUndefined();
  expect(await memory().recall({ ...state, mtimeNs, ino, size: 17_000_001n })).toBeUndefined();
});

it('a changed file is read again, a torn line of the memory is no knowledge', async () => {
  const before = await knownHash(file, { memory: memory() });
  const lines = join(folder, 'cache', 'verified.jsonl');
  truncateSync(lines, readFileSync(lines).length - 20);
  writeFileSync(file, Buffer.alloc(17_000_000, 8));
  utimesSync(file, 1, 1);
  const after = await knownHash(file, { memory: memory() });
  expect(after).not.toBe(before);
  expect(after).toBe(await sha256OfFile(file));
});
