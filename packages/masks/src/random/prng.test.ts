import { describe, expect, it } from 'vitest';
import { Prng } from './prng.js';

describe('the generator of random numbers', () => {
  it('tallies what it would draw one by one, and goes on from there', () => {
    const [one, other] = [new Prng(7, 2), new Prng(7, 2)];
    const counts = new Int32Array(3 * 50);
    for (let time = 0; time < 3; time++) {
      one.tally(50, 40, counts, 3, time);
      const plain = new Int32Array(50);
      for (let k = 0; k < 40; k++) plain[other.int(50)]!++;
      expect(counts.filter((_, i) => i % 3 === time)).toEqual(plain);
    }
    expect(one.u32()).toBe(other.u32());
    one.tally(50, 9, counts);
    expect(counts.reduce((sum, count) => sum + count)).toBe(3 * 40 + 9);
  });
});
