import { describe, expect, it } from 'vitest';
import { clipTransform } from './geometry.test.helper.js';
import { compatGeometry, exactGeometry, printedGeometry, padding, padGrid } from './geometry.js';

const cells = (side: number) => ({ rows: side, columns: side, values: new Float32Array(side * side) });

describe('compat geometry reproduces the released rounding', () => {
  it('427 x 640 with 12 cells: a grid of 16 columns of 40 px, left-most seen cell at x = 100', () => {
    const image = { width: 640, height: 427 };
    expect(padding(image, 12)).toEqual({ x: 2, y: 0 });
    const geometry = compatGeometry(clipTransform(640, 427, 336));
    const framed = geometry.frame(cells(12));
    expect([framed.rows, framed.columns]).toEqual([12, 16]);
    expect(geometry.place(framed, 2)).toEqual([100, 17]);
  });

  it('480 x 640: 12 x 16 cells of exactly 40 px', () => {
    const geometry = compatGeometry(clipTransform(640, 480, 336));
    const framed = geometry.frame(cells(12));
    expect([framed.rows, framed.columns]).toEqual([12, 16]);
    expect(geometry.place(framed, 16 * 11 + 15)).toEqual([620, 460]);
  });

  it('a short side of 47 with 12 cells, and of 333 with 336, pads by -1: one row is cut on each side', () => {
    expect(padding({ width: 60, height: 47 }, 12).y).toBe(-1);
    expect(padding({ width: 500, height: 333 }, 336).y).toBe(-1);
    expect(padding({ width: 640, height: 480 }, 336).y).toBe(0);
    const framed = compatGeometry(clipTransform(60, 47, 336)).frame(cells(12));
    expect([framed.rows, framed.columns]).toEqual([10, 14]);
  });

  it('170 of the short sides 1..4096 are cut with 12 or 24 cells, 80 with 336', () => {
    const sides = Array.from({ length: 4096 }, (_, i) => i + 1);
    const cut = (t: number) => sides.filter((m) => padding({ width: m, height: m }, t).y < 0).length;
    expect([cut(12), cut(24), cut(336)]).toEqual([170, 170, 80]);
  });

  it('fills new cells with the given value and drops cut ones', () => {
    const grid = { rows: 2, columns: 2, values: Float32Array.from([1, 2, 3, 4]) };
    expect([...padGrid(grid, { x: 1, y: 0 }, -1).values]).toEqual([-1, 1, 2, -1, -1, 3, 4, -1]);
    expect(padGrid(grid, { x: 0, y: -1 }, -1).rows).toBe(0);
  });
});

describe('exact geometry inverts resize and centre crop', () => {
  it('427 x 640 with 12 cells: left-most cell at 124.2, not 100', () => {
    const transform = clipTransform(640, 427, 336);
    const geometry = exactGeometry(transform);
    const [x, y] = geometry.place(cells(12), 0);
    expect(x).toBeCloseTo((0.5 * 28 + transform.offsetX) / transform.scaleX, 9);
    expect(Math.abs(x - 124.29)).toBeLessThan(1);
    expect(y).toBeCloseTo((0.5 * 427) / 12, 9);
  });

  it('a square image is divided evenly', () => {
    const geometry = exactGeometry(clipTransform(128, 128, 128));
    expect(geometry.place(cells(16), 16 * 15 + 15)).toEqual([124, 124]);
  });

  it('reads the map as the encoder saw it, and 0 outside of the crop', () => {
    const map = { rows: 2, columns: 2, values: Float32Array.from([0, 1, 0, 1]) };
    const read = exactGeometry(clipTransform(160, 96, 96)).reader(map);
    expect(read(31, 50)).toBe(0);
    expect(read(128, 50)).toBe(0);
    expect(read(127, 50)).toBe(1);
    expect(read(80, 50)).toBeCloseTo(0.5 + 0.5 / 48, 6);
  });
});

describe('printed geometry', () => {
  it('puts cells where lines 6 and 7 of Algorithm 1 say, on a picture that is not square too', () => {
    const [w, h, side] = [640, 480, 24];
    const [alpha, beta] = [w / side, h / side];
    const geometry = printedGeometry(clipTransform(w, h, 336));
    const grid = { rows: side, columns: side, values: new Float32Array(side * side) };
    let away = 0;
    for (let j = 0; j < side * side; j++) {
      const x = Math.min(((j % side) + 0.5) * alpha, w - 1);
      const y = Math.min((Math.floor(j / side) + 0.5) * beta, h - 1);
      expect(geometry.place(geometry.frame(grid), j)).toEqual([x, y]);
      away += Math.abs(x - exactGeometry(clipTransform(w, h, 336)).place(grid, j)[0]) / side ** 2;
    }
    // What the crop left out is not taken back: a quarter of half the difference of the sides on average.
    expect(away).toBeCloseTo(40, 0);
  });

  it('reads the map over the whole image', () => {
    const scores = { rows: 1, columns: 2, values: Float32Array.of(0, 1) };
    const read = printedGeometry(clipTransform(60, 40, 20)).reader(scores);
    expect([read(0, 0), read(14, 20), read(45, 20), read(59, 39)]).toEqual([0, 0, 1, 1]);
    expect(read(29, 20) + read(30, 20)).toBeCloseTo(1, 12);
  });
});
