import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SOURCE } from './kernel-wasm.js';
import { mergeMasks, mergeRuns } from './merge-runs.js';
import { pixelsOfRuns } from './pixels-of-runs.js';
import { runsFromString } from './rle-string.js';
import { encodeMask } from './rle.js';
import { indexMasks } from './run-index.js';
import { runsFromMasks } from './runs-of-masks.js';
import { runsOfPixels, type MaskRuns } from './runs.js';
import { Draw } from './sweep.test-helper.js';

/** Pixels of which about one in `rare` differs from the one above. */
function restless(draw: Draw, width: number, height: number, rare: number): Uint8Array {
  const pixels = new Uint8Array(width * height);
  pixels.forEach((_, at) => {
    const above = at < width ? 0 : pixels[at - width]!;
    pixels[at] = draw.below(rare) === 0 ? (above === 0 ? 1 + draw.below(255) : 0) : above;
  });
  return pixels;
}

/** Run lengths the plain way: a step a pixel, down the columns. */
function plainly(pixels: Uint8Array, width: number, height: number): number[] {
  const counts = [0];
  let inside = false;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if (pixels[y * width + x]! > 0 !== inside) {
        counts.push(0);
        inside = !inside;
      }
      counts[counts.length - 1]!++;
    }
  }
  return counts;
}

describe('the kernel of masks', () => {
  it('is compiled from the source beside it', () => {
    const source = readFileSync(new URL('../../assembly/masks.ts', import.meta.url));
    expect(createHash('sha256').update(source).digest('hex')).toBe(SOURCE);
  });

  it.each([
    [1, 1],
    [63, 2],
    [65, 40],
    [257, 300],
    [40_000, 4],
    [2, 40_000],
  ])('finds the run lengths of %i x %i pixels', (width, height) => {
    const draw = new Draw(width);
    for (const rare of [1, 7, 500]) {
      const pixels = restless(draw, width, height, rare);
      const { counts } = runsOfPixels(pixels, width, height);
      expect(counts.join(), `one in ${rare}`).toBe(plainly(pixels, width, height).join());
    }
  });

  it('merges as pixels do, few runs and many, compressed or not', () => {
    const draw = new Draw(3);
    for (let trial = 0; trial < 150; trial++) {
      const [width, height] = [1 + draw.below(90), 1 + draw.below(90)];
      const rare = 1 + draw.below(200);
      const masks = Array.from({ length: 1 + draw.below(9) }, () => restless(draw, width, height, rare));
      const runs = masks.map((pixels) => runsOfPixels(pixels, width, height));
      const rles = masks.map((pixels) => encodeMask(pixels, width, height));
      for (const how of ['union', 'intersection'] as const) {
        const merged = masks[0]!.map((_, at) => {
          const set = masks.filter((pixels) => pixels[at]! > 0).length;
          return (how === 'union' ? set > 0 : set === masks.length) ? 1 : 0;
        });
        const found = mergeRuns(runs, how);
        expect(pixelsOfRuns(found).join(''), `${how}, trial ${trial}`).toBe(merged.join(''));
        expect(found.counts.join()).toBe(runsOfPixels(merged, width, height).counts.join());
        expect(mergeMasks(rles, how)).toEqual(encodeMask(merged, width, height));
      }
    }
  });

  it('reads what the plain reader reads, and refuses the rest in its words', () => {
    const size = [60, 50] as const;
    const read = (give: () => readonly MaskRuns[]): unknown => {
      try {
        return Array.from(give()[0]!.counts);
      } catch (error) {
        return String(error);
      }
    };
    const characters = fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 48, max: 111 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 0x3000 }) },
    );
    const edits = fc.array(fc.tuple(fc.nat(), characters), { maxLength: 3 });
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 40 }), edits, (seed, rare, changes) => {
        const { counts } = encodeMask(restless(new Draw(seed), size[1], size[0], rare), size[1], size[0]);
        const letters = [...counts];
        for (const [at, code] of changes) letters[at % letters.length] = String.fromCharCode(code);
        const text = letters.join('');
        const plain = read(() => [runsFromString(text, size, 'mask 0')]);
        refused += typeof plain === 'string' ? 1 : 0;
        expect(read(() => runsFromMasks([{ size, counts: text }]))).toEqual(plain);
        const four = Array.from({ length: 4 }, () => ({ size, counts: text }));
        if (typeof plain === 'string') expect(read(() => [mergeMasks(four) as never])).toBe(plain);
        else expect(runsFromString(mergeMasks(four).counts, size)).toEqual(runsFromString(text, size));
      }),
      { numRuns: 400 },
    );
    expect(refused).toBeGreaterThan(50);
    expect(refused).toBeLessThan(390);
  });

  it('reads numbers of seven characters', () => {
    const size = [40_000, 50_000] as const;
    const counts = Uint32Array.from([1_000_000_000, ...Array.from({ length: 60 }, (_, i) => 1 + i), 0]);
    counts[61] = 2_000_000_000 - counts.reduce((sum, count) => sum + count, 0);
    const text = encode(counts);
    expect(runsFromMasks([{ size, counts: text }])[0]!.counts).toEqual(counts);
    expect(indexMasks([{ size, counts: text }])[0]!.area).toBe(
      counts.reduce((sum, count, i) => sum + (i % 2 === 1 ? count : 0), 0),
    );
  });
});

/** The COCO API's string, in whole numbers of any size. */
function encode(counts: Uint32Array): string {
  let text = '';
  counts.forEach((count, i) => {
    let value = BigInt(count) - (i > 2 ? BigInt(counts[i - 2]!) : 0n);
    for (let more = true; more;) {
      const bits = Number(value & 31n);
      value >>= 5n;
      more = (bits & 16) !== 0 ? value !== -1n : value !== 0n;
      text += String.fromCharCode((more ? bits | 32 : bits) + 48);
    }
  });
  return text;
}
