import { cos, sin } from './trig.js';
import type { Shape } from './vocabulary.js';

const STAR: readonly (readonly [number, number])[] = Array.from({ length: 10 }, (_, i) => {
  const radius = i % 2 === 0 ? 1.14 : 0.5;
  const angle = (Math.PI / 5) * i;
  return [radius * sin(angle), -radius * cos(angle)] as const;
});

/** The farthest that any shape reaches from its origin, in units of its radius. */
export const SHAPE_REACH = 1.2;

/**
 * Tells whether a point lies in a shape of radius 1 around the origin (x right, y down, not rotated).
 * Exact comparisons of + - * only, so masks are the same on any machine.
 */
export function insideShape(shape: Shape, x: number, y: number): boolean {
  switch (shape) {
    case 'circle':
      return x * x + y * y <= 1;
    case 'square':
      return x <= 0.88 && x >= -0.88 && y <= 0.88 && y >= -0.88;
    case 'triangle':
      return y <= 0.72 && 1.85 * x - y <= 1.12 && -1.85 * x - y <= 1.12;
    case 'star':
      return insideStar(x, y);
    case 'ring': {
      const d = x * x + y * y;
      return d <= 1.08 && d >= 0.27;
    }
    case 'cross': {
      const ax = x < 0 ? -x : x;
      const ay = y < 0 ? -y : y;
      return (ax <= 0.36 && ay <= 1.06) || (ay <= 0.36 && ax <= 1.06);
    }
    case 'diamond':
      return (x < 0 ? -x : x) * 1.5 + (y < 0 ? -y : y) * 0.9 <= 1;
    case 'crescent': {
      const bite = x - 0.78;
      return (x - 0.2) * (x - 0.2) + y * y <= 1.16 && bite * bite + y * y > 0.78;
    }
  }
}

function insideStar(x: number, y: number): boolean {
  let inside = false;
  let previous = STAR[STAR.length - 1] as readonly [number, number];
  for (let i = 0; i < STAR.length; i++) {
    const vertex = STAR[i] as readonly [number, number];
    if (vertex[1] > y !== previous[1] > y) {
      const crossing = ((previous[0] - vertex[0]) * (y - vertex[1])) / (previous[1] - vertex[1]) + vertex[0];
      if (x < crossing) inside = !inside;
    }
    previous = vertex;
  }
  return inside;
}
