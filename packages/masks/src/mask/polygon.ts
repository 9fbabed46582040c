import { MaskloomError } from '../errors/maskloom-error.js';
import { checkMaskSize, type MaskRuns } from './runs.js';

/** Edges are followed on a grid this much finer than pixels (COCO API). */
const SCALE = 5;
/** More fine-grid boundary steps than this are refused: no real polygon has them. */
const MAX_STEPS = 1 << 26;

/**
 * The pixels of a closed polygon by the rule of the COCO API (`rleFrPoly`): edges are drawn on a 5 times finer grid,
 * and the crossings of pixel columns give the runs. Not the same as a scanline or OpenCV fill.
 * @param polygon - flat [x1, y1, x2, y2, ...] in pixels, at least three points; may leave the image
 * @param width - image width
 * @param height - image height
 * @throws MaskloomError `MASK_INVALID` on fewer than three points, an odd number of values, a value that is not
 * finite, or an outline of more than 2^26 steps
 */
export function runsOfPolygon(polygon: readonly number[], width: number, height: number): MaskRuns {
  checkMaskSize(width, height);
  const points = checkPolygon(polygon);
  const x = new Float64Array(points + 1);
  const y = new Float64Array(points + 1);
  for (let i = 0; i < points; i++) {
    x[i] = Math.trunc(SCALE * (polygon[2 * i] as number) + 0.5);
    y[i] = Math.trunc(SCALE * (polygon[2 * i + 1] as number) + 0.5);
  }
  x[points] = x[0] as number;
  y[points] = y[0] as number;
  return runsOfCrossings(crossings(x, y, width, height), width, height);
}

function checkPolygon(polygon: readonly number[]): number {
  const bad = (why: string): MaskloomError =>
    new MaskloomError('MASK_INVALID', `The polygon ${why}.`, {
      hint: 'Give [x1, y1, x2, y2, ...] with three points or more.',
    });
  if (polygon.length < 6 || polygon.length % 2 !== 0) throw bad(`has ${polygon.length} values`);
  let steps = 0;
  for (let i = 0; i < polygon.length; i++) {
    const value = polygon[i] as number;
    if (!Number.isFinite(value)) throw bad(`has the value ${value} at index ${i}`);
    steps += SCALE * Math.abs(value - (polygon[(i + 2) % polygon.length] as number)) + 1;
  }
  if (steps > MAX_STEPS) throw bad('is too long for its outline to be followed');
  return polygon.length / 2;
}

/** Column-major positions at which the outline crosses pixel columns, where runs begin and end. */
function crossings(x: Float64Array, y: Float64Array, width: number, height: number): number[] {
  const found: number[] = [];
  let lastU = NaN;
  let lastV = 0;
  for (let j = 0; j + 1 < x.length; j++) {
    let xs = x[j] as number;
    let xe = x[j + 1] as number;
    let ys = y[j] as number;
    let ye = y[j + 1] as number;
    const dx = Math.abs(xe - xs);
    const dy = Math.abs(ys - ye);
    const flat = dx >= dy;
    const flip = (flat && xs > xe) || (!flat && ys > ye);
    if (flip) [xs, xe, ys, ye] = [xe, xs, ye, ys];
    const steps = flat ? dx : dy;
    const slope = steps === 0 ? 0 : (flat ? ye - ys : xe - xs) / steps;
    for (let d = 0; d <= steps; d++) {
      const t = flip ? steps - d : d;
      const u = flat ? t + xs : Math.trunc(xs + slope * t + 0.5);
      const v = flat ? Math.trunc(ys + slope * t + 0.5) : t + ys;
      if (u !== lastU && !Number.isNaN(lastU)) {
        const column = ((u < lastU ? u : u - 1) + 0.5) / SCALE - 0.5;
        if (Math.floor(column) === column && column >= 0 && column <= width - 1) {
          const row = (Math.min(v, lastV) + 0.5) / SCALE - 0.5;
          found.push(column * height + Math.ceil(Math.min(Math.max(row, 0), height)));
        }
      }
      lastU = u;
      lastV = v;
    }
  }
  return found;
}

function runsOfCrossings(found: number[], width: number, height: number): MaskRuns {
  found.push(width * height);
  const ends = Uint32Array.from(found).sort();
  const counts: number[] = [];
  let previous = 0;
  for (let i = 0; i < ends.length; i++) {
    const run = (ends[i] as number) - previous;
    previous = ends[i] as number;
    if (run > 0 || i === 0) counts.push(run);
    else if (++i < ends.length) {
      // A run of no pixels: the runs on both sides of it are one.
      counts[counts.length - 1] = (counts[counts.length - 1] as number) + (ends[i] as number) - previous;
      previous = ends[i] as number;
    }
  }
  return { width, height, counts: Uint32Array.from(counts) };
}
