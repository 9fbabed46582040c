import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentileInterval } from './percentile-interval.js';

/** By sorting. */
function sorted(values: readonly number[], level: number): readonly number[] {
  const order = [...values].sort((a, b) => a - b);
  const tail = (1 - level) / 2;
  return [tail, 1 - tail].map((q) => {
    const at = q * (order.length - 1);
    const [below, above] = [order[Math.floor(at)]!, order[Math.min(Math.floor(at) + 1, order.length - 1)]!];
    return below + (above - below) * (at - Math.floor(at));
  });
}

describe('the percentile interval', () => {
  const level = fc.double({ min: 0.01, max: 0.999, noNaN: true });
  it.each([
    ['values', fc.double({ min: -1e9, max: 1e9, noNaN: true })],
    ['values of which many are equal', fc.integer({ min: 0, max: 5 })],
  ])('of %s is what sorting gives, to the bit', (_, value) => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), level, (values, of) => {
        const found = percentileInterval(Float64Array.from(values), of);
        // Selection does not tell 0 from -0.
        expect(found.map((bound) => bound + 0)).toEqual(sorted(values, of).map((bound) => bound + 0));
      }),
      { numRuns: 300 },
    );
  });

  it('of values in order, against it and all the same', () => {
    const rising = Array.from({ length: 1001 }, (_, i) => i);
    expect(percentileInterval(Float64Array.from(rising), 0.95)).toEqual(sorted(rising, 0.95));
    expect(percentileInterval(Float64Array.from(rising).reverse(), 0.95)).toEqual(sorted(rising, 0.95));
    expect(percentileInterval(new Float64Array(1000).fill(3), 0.95)).toEqual([3, 3]);
  });
});
