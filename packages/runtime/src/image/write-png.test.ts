import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadImage } from '@maskloom/runtime';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patternPixels } from './pattern.test.helper.js';
import { encodePng, writePng } from './write-png.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maskloom-png-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('writePng', () => {
  it('writes what loadImage reads back, and leaves nothing else', async () => {
    const pixels = patternPixels(9, 7);
    await writePng(join(folder, 'a.png'), pixels.rgb, pixels);
    expect(Buffer.compare((await loadImage(join(folder, 'a.png'))).rgb, pixels.rgb)).toBe(0);
    expect(await readdir(folder)).toEqual(['a.png']);
  });

  it('names the place that cannot be written', async () => {
    const path = join(folder, 'no-such-folder', 'a.png');
    await expect(writePng(path, patternPixels(2, 2).rgb, { width: 2, height: 2 })).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      where: path,
    });
  });

  it('leaves no half behind when the place is a folder', async () => {
    await expect(writePng(folder, patternPixels(2, 2).rgb, { width: 2, height: 2 })).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
    });
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('encodePng', () => {
  it.each([1, 3, 4])('keeps %i channels', async (channels) => {
    const png = await encodePng(new Uint8Array(6 * channels).fill(77), { width: 3, height: 2 });
    expect(await sharp(png).metadata()).toMatchObject({ width: 3, height: 2, channels });
  });

  it('refuses samples that do not fit', async () => {
    await expect(encodePng(new Uint8Array(12), { width: 3, height: 2 })).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
  });
});
