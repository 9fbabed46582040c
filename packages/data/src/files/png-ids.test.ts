import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { chunk } from '../open/tiny-files.test-helper.js';
import { readPanopticPng } from './label-image.js';

const folder = mkdtempSync(join(tmpdir(), 'maskloom-ids-'));
const path = join(folder, 'ids.png');
afterAll(() => rmSync(folder, { recursive: true }));

/** An 8-bit PNG whose row y has the filter `filters[y]`, byte by byte as the specification has it. */
function filtered(
  pixels: Uint8Array,
  width: number,
  channels: number,
  filters: readonly number[],
  colour: number,
  palette?: Uint8Array,
): Buffer {
  const stride = width * channels;
  const at = (x: number, y: number): number => (x < 0 || y < 0 ? 0 : (pixels[y * stride + x] as number));
  const rows = filters.flatMap((filter, y) => [
    filter,
    ...Array.from({ length: stride }, (_, x) => {
      const [a, b, c] = [at(x - channels, y), at(x, y - 1), x < channels ? 0 : at(x - channels, y - 1)];
      const p = a + b - c;
      const [toA, toB, toC] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
      const paeth = toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
      return at(x, y) - ([0, a, b, (a + b) >> 1, paeth][filter] ?? 0);
    }),
  ]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(filters.length, 4);
  header.set([8, colour], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    ...(palette === undefined ? [] : [chunk('PLTE', palette)]),
    chunk('IDAT', deflateSync(Uint8Array.from(rows))),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

async function idsOf(png: Uint8Array): Promise<readonly number[]> {
  writeFileSync(path, png);
  return [...(await readPanopticPng(path)).labels];
}

describe('ids of a panoptic picture', () => {
  it('are R + 256 G + 65536 B through every filter, of few colours and of many, alpha or not', async () => {
    const filter = fc.integer({ min: 0, max: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.array(filter, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(3, 4),
        // As few as a picture of segments has, up to noise.
        fc.uint8Array({ minLength: 1, maxLength: 12 }),
        fc.integer(),
        async (width, filters, channels, few, seed) => {
          const count = width * filters.length;
          const pixels = Uint8Array.from(
            { length: count * channels },
            (_, i) => few[Math.abs((i >> 3) * seed) % few.length] as number,
          );
          const expected = Array.from({ length: count }, (_, p) => {
            const [r, g, b] = pixels.subarray(p * channels, p * channels + 3) as unknown as number[];
            return (r as number) + 256 * (g as number) + 65536 * (b as number);
          });
          expect(await idsOf(filtered(pixels, width, channels, filters, channels === 3 ? 2 : 6))).toEqual(
            expected,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are those of the palette, not of what an RGB picture suggests as one', async () => {
    const palette = Uint8Array.of(1, 2, 3, 255, 0, 1);
    const ids = [1 + 256 * 2 + 65536 * 3, 255 + 65536, 0];
    expect(await idsOf(filtered(Uint8Array.of(0, 1, 7), 3, 1, [0], 3, palette))).toEqual(ids);
    expect(await idsOf(filtered(Uint8Array.of(5, 0, 0, 6, 0, 0), 2, 3, [1], 2, palette))).toEqual([5, 6]);
  });

  it('are not made of a row with an unknown filter', async () => {
    const png = filtered(new Uint8Array(12), 2, 3, [0, 5], 2);
    await expect(idsOf(png)).rejects.toThrow(/row 1 has the unknown filter 5/);
  });

  it.each([
    ['grey', 0, 1],
    ['grey and alpha', 4, 2],
  ])('are not made of %s', async (_, colour, channels) => {
    const png = filtered(new Uint8Array(4 * channels), 2, channels, [0, 0], colour);
    await expect(idsOf(png)).rejects.toThrow(/8-bit colours are wanted/);
  });

  it.each([
    ['fewer rows than it says', [0, 0], 3],
    ['more rows than it says', [0, 0, 0, 0], 3],
  ])('are not made of %s', async (_, filters, rows) => {
    const png = filtered(new Uint8Array(6 * filters.length), 2, 3, filters, 2);
    png.writeUInt32BE(rows, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    await expect(idsOf(png)).rejects.toMatchObject({ code: 'DATA_INVALID', where: `${path}: picture` });
  });
});
