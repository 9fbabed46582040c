import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MaskloomError } from '../errors/maskloom-error.js';
import {
  decodeMask,
  encodeLabel,
  encodeLabels,
  encodeMask,
  maskArea,
  maskBox,
  maskIou,
  maskOfPolygons,
  mergeMasks,
} from './exports.js';

const size = fc.record({ width: fc.integer({ min: 1, max: 12 }), height: fc.integer({ min: 1, max: 12 }) });
const mask = size.chain(({ width, height }) =>
  fc
    .array(fc.integer({ min: 0, max: 1 }), { minLength: width * height, maxLength: width * height })
    .map((bits) => ({
      width,
      height,
      pixels: Uint8Array.from(bits),
    })),
);
const pair = size.chain(({ width, height }) => {
  const bits = fc.uint8Array({ min: 0, max: 1, minLength: width * height, maxLength: width * height });
  return fc.record({ width: fc.constant(width), height: fc.constant(height), a: bits, b: bits });
});

describe('run-length encoding', () => {
  it('gives back any mask', () => {
    fc.assert(
      fc.property(mask, ({ width, height, pixels }) => {
        const rle = encodeMask(pixels, width, height);
        expect(decodeMask(rle)).toEqual({ width, height, pixels });
        expect(maskArea(rle)).toBe(pixels.reduce((sum, bit) => sum + bit, 0));
      }),
    );
  });

  it('encodes each value of a label map as its own mask', () => {
    fc.assert(
      fc.property(fc.uint8Array({ min: 0, max: 3, minLength: 35, maxLength: 35 }), (labels) => {
        const masks = encodeLabels(labels, 7, 5);
        expect([...masks.keys()].sort()).toEqual([...new Set(labels)].sort());
        for (const [value, rle] of masks) {
          expect(rle).toEqual(
            encodeMask(
              labels.map((label) => (label === value ? 1 : 0)),
              7,
              5,
            ),
          );
          expect(rle).toEqual(encodeLabel(labels, 7, 5, value));
        }
      }),
    );
  });

  it('merges, measures and compares as plain pixels do', () => {
    fc.assert(
      fc.property(pair, ({ width, height, a, b }) => {
        const masks = [encodeMask(a, width, height), encodeMask(b, width, height)] as const;
        const or = a.map((bit, p) => bit | (b[p] ?? 0));
        const and = a.map((bit, p) => bit & (b[p] ?? 0));
        expect(mergeMasks(masks)).toEqual(encodeMask(or, width, height));
        expect(mergeMasks(masks, 'intersection')).toEqual(encodeMask(and, width, height));
        const sum = (pixels: Uint8Array): number => pixels.reduce((total, bit) => total + bit, 0);
        expect(maskIou(masks[0], masks[1])).toBe(sum(and) === 0 ? 0 : sum(and) / sum(or));
        const xs = [...or.keys()].filter((p) => or[p] === 1).map((p) => p % width);
        const ys = [...or.keys()].filter((p) => or[p] === 1).map((p) => Math.floor(p / width));
        const box = [
          Math.min(...xs),
          Math.min(...ys),
          Math.max(...xs) - Math.min(...xs) + 1,
          Math.max(...ys) - Math.min(...ys) + 1,
        ];
        expect(maskBox(mergeMasks(masks))).toEqual(xs.length === 0 ? [0, 0, 0, 0] : box);
      }),
    );
  });

  it('takes any string: a mask that covers the image, or a typed error', () => {
    const alphabet = fc.string({
      unit: fc.integer({ min: 40, max: 120 }).map((code) => String.fromCharCode(code)),
    });
    fc.assert(
      fc.property(alphabet, (counts) => {
        try {
          expect(decodeMask({ size: [6, 4], counts }).pixels).toHaveLength(24);
        } catch (error) {
          expect(MaskloomError.is(error) && error.code).toBe('MASK_INVALID');
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a count over 32 bits', [4, 4], 'oooooooooooo0'],
    ['runs beyond the mask', [2, 2], '5'],
    ['runs short of the mask', [2, 2], '3'],
    ['a cut-off number', [2, 2], 'd'],
    ['a character outside the alphabet', [2, 2], '1 3'],
    ['no pixels', [0, 4], '0'],
    ['more pixels than counts can hold', [1 << 20, 1 << 20], '0'],
    ['a broken size', [2.5, 2], '5'],
  ] as const)('refuses %s', (_, maskSize, counts) => {
    expect(() => decodeMask({ size: [maskSize[0], maskSize[1]], counts })).toThrow(
      expect.objectContaining({ code: 'MASK_INVALID' }) as Error,
    );
  });

  it('refuses pixels that do not match the size, and masks of different sizes', () => {
    const invalid = expect.objectContaining({ code: 'MASK_INVALID' }) as Error;
    expect(() => encodeMask(new Uint8Array(5), 2, 2)).toThrow(invalid);
    const small = encodeMask(new Uint8Array(4), 2, 2);
    const wide = encodeMask(new Uint8Array(4), 4, 1);
    expect(() => maskIou(small, wide)).toThrow(invalid);
    expect(() => mergeMasks([small, wide])).toThrow(invalid);
    expect(() => mergeMasks([])).toThrow(invalid);
  });

  it.each([
    ['too few points', [1, 1, 2, 2]],
    ['an odd number of values', [1, 1, 2, 2, 3, 3, 4]],
    ['a value that is not finite', [1, 1, NaN, 2, 3, 3]],
    ['an outline without end', [0, 0, 1e12, 0, 0, 1e12]],
  ])('refuses a polygon with %s', (_, polygon) => {
    expect(() => maskOfPolygons([polygon], 8, 8)).toThrow(
      expect.objectContaining({ code: 'MASK_INVALID' }) as Error,
    );
  });

  it('fills a whole-pixel rectangle exactly', () => {
    const rle = maskOfPolygons([[2, 1, 6, 1, 6, 4, 2, 4]], 9, 7);
    expect(maskBox(rle)).toEqual([2, 1, 4, 3]);
    expect(maskArea(rle)).toBe(12);
  });
});
