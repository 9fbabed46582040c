import { decodeMask, traceOutline, type RleMask } from '@maskloom/core';
import { simplifyRing } from './simplify-ring.js';

/** A part of a mask: an outline and the holes in it. */
export interface MaskPolygon {
  /**
   * Interleaved x, y of its corners in pixels, the first not repeated; the pixel in column x and row y covers [x, x + 1) by
   * [y, y + 1). Clockwise on the screen, that is with a positive shoelace sum.
   */
  readonly outer: readonly number[];
  /** Likewise, the other way round. */
  readonly holes: readonly (readonly number[])[];
}

/** How outlines are made. */
export interface PolygonOptions {
  /**
   * How far an outline may leave the pixel edges, in pixels; 0 when absent: filled by the even-odd rule, the polygons give the
   * mask back exactly. Simplified outlines may touch or cross each other.
   */
  readonly tolerance?: number;
}

/**
 * The outlines of a mask along its pixels' edges. Parts touch each other by corners at most, and so do holes, so that every
 * polygon is valid as GIS tools mean it.
 * @returns a polygon per part, by its topmost corner; none for an empty mask
 * @throws MaskloomError `MASK_INVALID`
 */
export function maskPolygons(mask: RleMask, { tolerance = 0 }: PolygonOptions = {}): readonly MaskPolygon[] {
  const { pixels, width, height } = decodeMask(mask);
  const loops = traceOutline(pixels, width, height);
  const outers = outerLoops(loops, pixels, width);
  const polygons = new Map<number, { outer: readonly number[]; holes: (readonly number[])[] }>();
  const finished = (loop: readonly number[]): readonly number[] =>
    tolerance > 0 ? simplifyRing(loop, tolerance) : loop;
  loops.forEach((loop, i) => {
    if (outers[i] === i) polygons.set(i, { outer: finished(loop), holes: [] });
  });
  loops.forEach((loop, i) => {
    if (outers[i] !== i) polygons.get(outers[i] ?? -1)?.holes.push(finished(loop));
  });
  return [...polygons.values()];
}

/**
 * For each outline the place of the one round the part it belongs to: its own when it goes round a part. From the left end of a
 * hole one goes left through the mask, to an outline of the same part: the outer one, or a hole that reaches further left.
 */
function outerLoops(loops: readonly (readonly number[])[], pixels: Uint8Array, width: number): number[] {
  const stride = width + 1;
  // Edges with the mask on their right side that go up: where a row of pixels begins.
  const beginning = new Map<number, number>();
  const lefts = loops.map((loop, i) => {
    let left = 0;
    for (let at = 0; at < loop.length; at += 2) {
      const next = (at + 2) % loop.length;
      const [x, from, to] = [loop[at] as number, loop[at + 1] as number, loop[next + 1] as number];
      for (let y = to; y < from; y++) beginning.set(y * stride + x, i);
      if (x < (loop[left] as number) || (x === loop[left] && from < (loop[left + 1] as number))) left = at;
    }
    return left;
  });
  const outer = loops.map((loop, i) => (area(loop) > 0 ? i : -1));
  const resolve = (first: number): number => {
    const trail: number[] = [];
    let i = first;
    while (outer[i] === -1) {
      trail.push(i);
      const loop = loops[i] as readonly number[];
      const at = lefts[i] as number;
      const y = loop[at + 1] as number;
      let x = (loop[at] as number) - 1;
      while (x > 0 && pixels[y * width + x - 1] !== 0) x--;
      i = beginning.get(y * stride + x) as number;
    }
    for (const hole of trail) outer[hole] = outer[i] as number;
    return outer[i] as number;
  };
  return loops.map((_, i) => resolve(i));
}

/** Shoelace: positive clockwise on the screen. */
function area(loop: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < loop.length; i += 2) {
    const j = (i + 2) % loop.length;
    sum += (loop[i] as number) * (loop[j + 1] as number) - (loop[j] as number) * (loop[i + 1] as number);
  }
  return sum / 2;
}
