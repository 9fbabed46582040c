import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeMask, encodeMask, maskBox, type Segment } from '@maskloom/core';
import { onePerName } from './one-per-name.js';

const [WIDTH, HEIGHT] = [5, 4];
const segment = fc
  .record({
    label: fc.constantFrom('cat', 'dog', 'grass'),
    score: fc.integer({ min: 0, max: 4 }).map((n) => n / 4),
    bits: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 20, maxLength: 20 }),
  })
  .map(({ label, score, bits }): Segment => {
    const mask = encodeMask(Uint8Array.from(bits), WIDTH, HEIGHT);
    return { label, score, mask, area: bits.filter(Boolean).length, bbox: maskBox(mask) };
  });

it('gives each pixel to the surest segment that has it, and each name one segment', () => {
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 6 }), (segments) => {
      const merged = onePerName(segments);
      expect(new Set(merged.map(({ label }) => label)).size).toBe(merged.length);
      const owner = Array.from({ length: WIDTH * HEIGHT }, (_, p) => {
        let best: Segment | undefined;
        for (const one of segments)
          if (decodeMask(one.mask).pixels[p] === 1 && one.score > (best?.score ?? -1)) best = one;
        return best?.label;
      });
      const found = Array.from({ length: WIDTH * HEIGHT }, (_, p) =>
        merged.flatMap(({ label, mask }) => (decodeMask(mask).pixels[p] === 1 ? [label] : [])),
      );
      expect(found).toEqual(owner.map((label) => (label === undefined ? [] : [label])));
      for (const { label, area, bbox, mask, score } of merged) {
        expect(area).toBe(owner.filter((one) => one === label).length);
        expect(bbox).toEqual(maskBox(mask));
        expect(score).toBe(Math.max(...segments.flatMap((one) => (one.label === label ? [one.score] : []))));
      }
    }),
  );
});
