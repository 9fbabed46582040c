import { checkMaskSize } from '@maskloom/core';
import type { ReasonShape } from './reason.js';

/** The value of pixels that count for neither side. */
export const IGNORE = 255;

/**
 * Draws a ReasonSeg record as LISA does: shapes labelled `flag` are left out; the others are drawn from the largest
 * area to the smallest, later ones over earlier ones, 255 where the label contains `ignore`, else 1. Points are cut to
 * integers; a shape is its even-odd inside and its boundary.
 * @returns row-major [height, width], values 0, 1 and 255
 * @throws MaskloomError `MASK_INVALID` on a bad size
 */
export function drawReasonShapes(shapes: readonly ReasonShape[], width: number, height: number): Uint8Array {
  checkMaskSize(width, height);
  const drawn = shapes
    .filter(({ label }) => label.toLowerCase() !== 'flag')
    .map(({ label, points }) => {
      const pixels = fillOutline(points, width, height);
      return {
        value: label.toLowerCase().includes('ignore') ? IGNORE : 1,
        pixels,
        area: pixels.reduce((sum, bit) => sum + bit, 0),
      };
    })
    .sort((a, b) => b.area - a.area);
  const mask = new Uint8Array(width * height);
  for (const { value, pixels } of drawn) {
    for (let p = 0; p < mask.length; p++) if (pixels[p] === 1) mask[p] = value;
  }
  return mask;
}

/**
 * The pixels of an outline by OpenCV's rule: points cut to integers, the even-odd inside and the boundary.
 * @param points - [x, y] each in ImagePx; closed without repeating the first
 * @returns row-major [height, width], values 0 and 1
 */
export function fillOutline(points: readonly Point[], width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height);
  fillPolygon(
    points.map(([x, y]) => [Math.trunc(x), Math.trunc(y)] as const),
    pixels,
    width,
    height,
  );
  return pixels;
}

type Point = readonly [number, number];

function fillPolygon(points: readonly Point[], pixels: Uint8Array, width: number, height: number): void {
  let top = height;
  let bottom = -1;
  for (let i = 0; i < points.length; i++) {
    const from = points[i] as Point;
    const to = points[(i + 1) % points.length] as Point;
    drawLine(from, to, pixels, width, height);
    top = Math.min(top, Math.max(0, from[1]));
    bottom = Math.max(bottom, Math.min(height - 1, from[1]));
  }
  const cuts: number[] = [];
  for (let y = top; y <= bottom; y++) {
    cuts.length = 0;
    for (let i = 0; i < points.length; i++) {
      const [x1, y1] = points[i] as Point;
      const [x2, y2] = points[(i + 1) % points.length] as Point;
      if (y1 > y !== y2 > y) cuts.push(x1 + ((x2 - x1) * (y - y1)) / (y2 - y1));
    }
    cuts.sort((a, b) => a - b);
    for (let c = 0; c + 1 < cuts.length; c += 2) {
      const from = Math.max(0, Math.ceil(cuts[c] as number));
      const to = Math.min(width - 1, Math.floor(cuts[c + 1] as number));
      if (to >= from) pixels.fill(1, y * width + from, y * width + to + 1);
    }
  }
}

/** A one-pixel line between integer points, clipped to the picture before it is followed. */
function drawLine([x1, y1]: Point, [x2, y2]: Point, pixels: Uint8Array, width: number, height: number): void {
  const dx = x2 - x1;
  const dy = y2 - y1;
  const steps = Math.max(Math.abs(dx), Math.abs(dy));
  const [first, last] = visibleSteps(x1, y1, dx, dy, steps, width, height);
  for (let t = first; t <= last; t++) {
    const x = steps === 0 ? x1 : x1 + Math.round((dx * t) / steps);
    const y = steps === 0 ? y1 : y1 + Math.round((dy * t) / steps);
    if (x >= 0 && x < width && y >= 0 && y < height) pixels[y * width + x] = 1;
  }
}

function visibleSteps(
  x: number,
  y: number,
  dx: number,
  dy: number,
  steps: number,
  width: number,
  height: number,
): [number, number] {
  let first = 0;
  let last = steps;
  for (const [start, change, size] of [
    [x, dx, width],
    [y, dy, height],
  ] as const) {
    if (change === 0) {
      if (start < 0 || start >= size) return [1, 0];
      continue;
    }
    const a = ((-1 - start) * steps) / change;
    const b = ((size - start) * steps) / change;
    first = Math.max(first, Math.floor(Math.min(a, b)));
    last = Math.min(last, Math.ceil(Math.max(a, b)));
  }
  return [first, last];
}
