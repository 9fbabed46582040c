/**
 * Random and adversarial masks and polygons, the same as those that the golden values were made of (the other half is
 * training/golden/sweep.py): whole-number arithmetic only.
 */

/** mulberry32: a 32-bit generator that fits in a few lines of any language. */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A whole number in 0 .. n - 1. */
  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }
}

/** A mask with its size. */
export interface SweepMask {
  readonly width: number;
  readonly height: number;
  /** Row-major [height, width], 0 or 1. */
  readonly pixels: Uint8Array;
}

function filled(width: number, height: number, set: (x: number, y: number) => boolean): SweepMask {
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels[y * width + x] = set(x, y) ? 1 : 0;
  }
  return { width, height, pixels };
}

/** @param kind - 0..11: what makes it hard */
export function sweepMask(draw: Draw, kind: number): SweepMask {
  const limit = kind === 11 ? 200 : 40;
  const width = 1 + draw.below(limit);
  const height = 1 + draw.below(limit);
  const make = (set: (x: number, y: number) => boolean): SweepMask => filled(width, height, set);
  switch (kind) {
    case 0:
      return make(() => false);
    case 1:
      return make(() => true);
    case 2: {
      const first = draw.below(2) === 1;
      return make((x, y) => (first ? x + y === 0 : x === width - 1 && y === height - 1));
    }
    case 3:
    case 4:
      return make(() => draw.below(16) < (kind === 3 ? 1 : 8));
    case 5:
      return make((x, y) => (x + y) % 2 === 1);
    case 6: {
      const every = 1 + draw.below(5);
      return make((_, y) => y % every === 0);
    }
    case 7: {
      const every = 2 + draw.below(4);
      const thick = 1 + draw.below(3);
      return make((x) => x % every < thick);
    }
    case 10: {
      const [cx, cy] = [draw.below(2 * width), draw.below(2 * height)];
      const [rx, ry] = [1 + draw.below(width), 1 + draw.below(height)];
      return make(
        (x, y) => (2 * x - cx) ** 2 * ry * ry + (2 * y - cy) ** 2 * rx * rx <= 4 * rx * rx * ry * ry,
      );
    }
    default: {
      const { pixels } = make(() => false);
      for (let i = 0, n = 1 + draw.below(5); i < n; i++) {
        const [x0, y0] = [draw.below(width), draw.below(height)];
        const [w, h] = [1 + draw.below(width), 1 + draw.below(height)];
        const value = kind === 9 && i % 2 === 1 ? 0 : 1;
        for (let y = y0; y < Math.min(y0 + h, height); y++) {
          pixels.fill(value, y * width + x0, y * width + Math.min(x0 + w, width));
        }
      }
      return { width, height, pixels };
    }
  }
}

/** The mask moved with wrap-around, as `numpy.roll` does. */
export function rolled({ width, height, pixels }: SweepMask, dy: number, dx: number): SweepMask {
  const wrap = (value: number, size: number): number => ((value % size) + size) % size;
  return filled(width, height, (x, y) => pixels[wrap(y - dy, height) * width + wrap(x - dx, width)] === 1);
}

/** @param kind - 0..7: what makes it hard */
export function sweepPolygon(
  draw: Draw,
  kind: number,
): { readonly polygon: number[]; readonly width: number; readonly height: number } {
  const width = 1 + draw.below(60);
  const height = 1 + draw.below(60);
  const parts = [1, 2, 10, 7, 100, 5, 8, 3][kind] ?? 1;
  const count = 3 + draw.below(kind < 4 ? 4 : 20);
  const margin = kind === 0 || kind === 3 ? 0 : 1 + draw.below(40);
  const polygon: number[] = [];
  for (let i = 0; i < count; i++) {
    const last = polygon.slice(-2);
    if (i > 0 && kind === 6 && draw.below(3) === 0) {
      polygon.push(...last);
      continue;
    }
    const x = draw.below((width + 2 * margin) * parts + 1) - margin * parts;
    const y = draw.below((height + 2 * margin) * parts + 1) - margin * parts;
    const along = i > 0 && kind === 5 && draw.below(2) === 0;
    polygon.push(along ? (last[0] as number) : x / parts, y / parts);
  }
  return { polygon, width, height };
}
