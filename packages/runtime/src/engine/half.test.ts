import { describe, expect, it } from 'vitest';
import { floatsOfHalves, halvesOfFloats } from './half.js';

/** numpy.float16(x).view(numpy.uint16) */
const NUMPY: readonly (readonly [number, number])[] = [
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [0.1, 0x2e66],
  [1 / 3, 0x3555],
  [65504, 0x7bff],
  [65519.996, 0x7bff],
  [65520, 0x7c00],
  [1e9, 0x7c00],
  [-Infinity, 0xfc00],
  [6.103515625e-5, 0x0400],
  [6.0975552e-5, 0x03ff],
  [5.960464477539063e-8, 0x0001],
  [2.980232238769531e-8, 0x0000],
  [2.98023224e-8, 0x0000],
  [3e-8, 0x0001],
  [1.00048828125, 0x3c00],
  [1.00146484375, 0x3c02],
];

describe('float16', () => {
  it('rounds as NumPy does', () => {
    const halves = halvesOfFloats(Float32Array.from(NUMPY, ([value]) => value));
    expect([...halves]).toEqual(NUMPY.map(([, bits]) => bits));
  });

  it('gives every half back', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
    const there = floatsOfHalves(all);
    const back = halvesOfFloats(there);
    all.forEach((bits, i) => {
      if (Number.isNaN(there[i])) expect((back[i] as number) & 0x7e00).toBe(0x7e00);
      else expect(back[i]).toBe(bits);
    });
  });
});
