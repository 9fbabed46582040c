import { encodeMask } from '@maskloom/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleMask } from './client/rle.js';

const masks = fc
  .record({ width: fc.integer({ min: 1, max: 20 }), height: fc.integer({ min: 1, max: 20 }) })
  .chain(({ width, height }) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      bits: fc.array(fc.boolean(), { minLength: width * height, maxLength: width * height }),
    }),
  );

describe('the page decodes masks', () => {
  it('gives back what core encoded, at full size', () => {
    fc.assert(
      fc.property(masks, ({ width, height, bits }) => {
        const pixels = Uint8Array.from(bits, Number);
        const { counts } = encodeMask(pixels, width, height);
        expect(sampleMask(counts, height, width, height, width)).toEqual(pixels);
      }),
    );
  });

  it('samples at the centres of a smaller and of a larger grid', () => {
    // Left half set, 4 wide, 2 high.
    const { counts } = encodeMask(Uint8Array.of(1, 1, 0, 0, 1, 1, 0, 0), 4, 2);
    expect([...sampleMask(counts, 2, 4, 1, 2)]).toEqual([1, 0]);
    expect([...sampleMask(counts, 2, 4, 1, 8)]).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
  });

  it('survives a damaged string', () => {
    expect(sampleMask('', 2, 2, 2, 2)).toHaveLength(4);
    expect(sampleMask('\u0000zzzz~~', 2, 2, 2, 2)).toHaveLength(4);
  });
});
