import { atOnce, encodeMask, maskBox } from '@maskloom/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { winnersToSegments } from './winners-to-segments.js';

describe('winnersToSegments', () => {
  // Tall pictures come in several bands of columns.
  it.each([
    [9, 7],
    [6, 60_000],
  ])('gives each class its pixels, %i x %i', (width, height) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.constantFrom(3, 300), (seed, count) => {
        let state = seed;
        const draw = (): number => (state = (Math.imul(state, 1664525) + 1013904223) | 0) >>> 16;
        const winner = new Int32Array(width * height);
        let index = 0;
        for (let at = 0; at < winner.length; at++) {
          if (draw() % 50 === 0) index = (draw() % (count + 1)) - 1;
          winner[at] = index;
        }
        const best = Float32Array.from(winner, () => 0.5);
        const labels = Array.from({ length: count }, (_, i) => `label ${i}`);
        const segments = atOnce(winnersToSegments(winner, best, { width, height }, labels));
        const present = [...new Set(winner)].filter((value) => value >= 0);
        expect(segments.map(({ label }) => label).sort()).toEqual(present.map((i) => `label ${i}`).sort());
        for (const { label, area, bbox, mask, score } of segments.slice(0, 5)) {
          const pixels = Uint8Array.from(winner, (value) => Number(`label ${value}` === label));
          const plain = encodeMask(pixels, width, height);
          expect([mask, bbox, score]).toEqual([plain, maskBox(plain), 0.5]);
          expect(area).toBe(pixels.reduce((sum, pixel) => sum + pixel, 0));
        }
      }),
      { numRuns: height > 1000 ? 1 : 20 },
    );
  });
});
