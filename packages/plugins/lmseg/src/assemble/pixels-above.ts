import { bilinearRows, type Plane, type Size } from '@maskloom/core';

/** Pixels of one class. */
export interface ClassPixels {
  /** Row-major, 1 = the class. */
  readonly pixels: Uint8Array;
  /** How many there are. */
  readonly area: number;
  /** The sum of their scores. */
  readonly sum: number;
}

/** Rows between two pauses. */
const ROWS = 16;

/** Where a class's scores, brought to the image's size, reach a limit and are above 0; pauses every few rows. */
export function* pixelsAbove(canvas: Plane, image: Size, limit: number): Generator<void, ClassPixels> {
  const pixels = new Uint8Array(image.width * image.height);
  let [area, sum, at] = [0, 0, 0];
  for (const row of bilinearRows(canvas, image)) {
    for (let x = 0; x < row.length; x++, at++) {
      const score = row[x]!;
      if (!(score >= limit && score > 0)) continue;
      pixels[at] = 1;
      area++;
      sum += score;
    }
    if (at % (ROWS * image.width) === 0) yield;
  }
  return { pixels, area, sum };
}
