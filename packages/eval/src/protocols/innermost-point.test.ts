import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { innermostPoint } from './innermost-point.js';

/** Rows of text to a region; anything but a dot is inside. */
const region = (...rows: string[]): [Uint8Array, number, number] => [
  Uint8Array.from([...rows.join('')].map((c) => (c === '.' ? 0 : 1))),
  rows[0]?.length ?? 0,
  rows.length,
];

/** The definition: erosions with a 3 x 3 square, the outside of the frame being outside. */
function depthByErosion(inside: Uint8Array, width: number, height: number): number[] {
  const depth = new Array<number>(inside.length).fill(0);
  for (let current = [...inside]; current.includes(1);) {
    current.forEach((value, p) => (depth[p] = (depth[p] ?? 0) + value));
    current = current.map((_, p) => {
      const [x, y] = [p % width, Math.floor(p / width)];
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) {
          const [nx, ny] = [x + dx, y + dy];
          if (nx < 0 || ny < 0 || nx >= width || ny >= height || current[ny * width + nx] === 0) return 0;
        }
      return 1;
    });
  }
  return depth;
}

describe('innermostPoint', () => {
  it('is the middle of a square', () => {
    expect(
      innermostPoint(...region('.......', '.#####.', '.#####.', '.#####.', '.#####.', '.#####.')),
    ).toEqual({
      x: 3,
      y: 3,
    });
  });

  it('takes the frame as outside', () => {
    expect(innermostPoint(...region('#####', '#####', '#####'))).toEqual({ x: 2, y: 1 });
  });

  it('among equals takes the one nearest their mean, then the first', () => {
    expect(innermostPoint(...region('#.##.#'))).toEqual({ x: 2, y: 0 });
    expect(innermostPoint(...region('#...#'))).toEqual({ x: 0, y: 0 });
  });

  it('always lies where the most erosions are survived', () => {
    const shape = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
      .chain(([width, height]) =>
        fc.tuple(
          fc.uint8Array({ minLength: width * height, maxLength: width * height, max: 5 }),
          fc.constant(width),
          fc.constant(height),
        ),
      );
    fc.assert(
      fc.property(shape, ([values, width, height]) => {
        const inside = values.map((value) => (value === 0 ? 0 : 1));
        fc.pre(inside.includes(1));
        const depth = depthByErosion(inside, width, height);
        const { x, y } = innermostPoint(inside, width, height);
        expect(depth[y * width + x]).toBe(Math.max(...depth));
      }),
    );
  });
});
