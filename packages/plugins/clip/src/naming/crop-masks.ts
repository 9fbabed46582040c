import { boxOfRuns, pixelsOfRuns, runsOfRle, type ImageFrame, type RleMask } from '@maskloom/core';
import type { RgbPixels } from '@maskloom/runtime';
import { cutSquare } from './square-views.js';

/** How a mask's part of the picture is cut out. */
export interface CropForm {
  /** Border around the mask's box, as a share of its longer side. */
  readonly margin: number;
  /** True hides what is not of the mask behind `fill`. */
  readonly alone: boolean;
  /** Red, green and blue of what lies beyond the picture's edges. */
  readonly fill: readonly [number, number, number];
}

/** The square around a mask's box, no larger than the picture's longer side; the tower is to see all of it. */
export function cropOfMask(image: ImageFrame, mask: RleMask, { margin, alone, fill }: CropForm): RgbPixels {
  const runs = runsOfRle(mask);
  const [x, y, width, height] = boxOfRuns(runs);
  const most = Math.max(image.width, image.height);
  const side = Math.max(1, Math.min(most, Math.round(Math.max(width, height) * (1 + 2 * margin))));
  const square = {
    x: Math.floor(x + (width - side) / 2),
    y: Math.floor(y + (height - side) / 2),
    side,
  };
  return cutSquare(image, square, fill, alone ? pixelsOfRuns(runs) : undefined);
}
