import { rleOfRuns } from './rle-of-runs.js';
import type { RleMask } from './rle-mask.js';
import { runsOfPolygon } from './polygon.js';
import { mergeRuns } from './merge-runs.js';
import { areaOfRuns, boxOfRuns, iouOfRuns } from './run-algebra.js';
import { runsFromString } from './rle-string.js';
import { pixelsOfRuns } from './pixels-of-runs.js';
import { runsOfLabel, runsOfLabels, runsOfPixels, type MaskRuns } from './runs.js';

/** A dense binary mask: row-major [height, width], 1 = set. */
export interface DenseMask {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Row-major [height, width], 0 or 1. */
  readonly pixels: Uint8Array;
}

/**
 * The run lengths of a compressed mask.
 * @throws MaskloomError `MASK_INVALID` when it is malformed
 */
export function runsOfRle(rle: RleMask, where = 'mask'): MaskRuns {
  return runsFromString(rle.counts, rle.size, where);
}

/**
 * Encodes the non-zero pixels of a row-major mask as COCO compressed RLE.
 * @throws MaskloomError `MASK_INVALID` when the array is not width x height long
 */
export function encodeMask(pixels: Uint8Array, width: number, height: number): RleMask {
  return rleOfRuns(runsOfPixels(pixels, width, height));
}

/**
 * Encodes the pixels of a row-major label map that equal `value` as COCO compressed RLE.
 * @throws MaskloomError `MASK_INVALID` when the array is not width x height long
 */
export function encodeLabel(
  labels: Uint8Array | Uint16Array | Int32Array,
  width: number,
  height: number,
  value: number,
): RleMask {
  return rleOfRuns(runsOfLabel(labels, width, height, value));
}

/**
 * Encodes every value of a row-major label map as COCO compressed RLE in one pass.
 * @param labels - row-major [height, width]
 * @returns the mask of each value that occurs, values rising
 * @throws MaskloomError `MASK_INVALID` when the array is not width x height long
 */
export function encodeLabels(
  labels: Uint8Array | Uint16Array | Int32Array,
  width: number,
  height: number,
): Map<number, RleMask> {
  const masks = new Map<number, RleMask>();
  for (const [value, runs] of runsOfLabels(labels, width, height)) masks.set(value, rleOfRuns(runs));
  return masks;
}

/**
 * Decodes COCO compressed RLE into row-major pixels.
 * @throws MaskloomError `MASK_INVALID` when it is malformed
 */
export function decodeMask(rle: RleMask, where = 'mask'): DenseMask {
  const runs = runsOfRle(rle, where);
  return { width: runs.width, height: runs.height, pixels: pixelsOfRuns(runs) };
}

/**
 * Number of set pixels of a compressed mask.
 * @throws MaskloomError `MASK_INVALID` when it is malformed
 */
export function maskArea(rle: RleMask): number {
  return areaOfRuns(runsOfRle(rle));
}

/**
 * Tight box [x, y, width, height] in ImagePx of a compressed mask; zeros when it is empty.
 * @throws MaskloomError `MASK_INVALID` when it is malformed
 */
export function maskBox(rle: RleMask): [number, number, number, number] {
  return boxOfRuns(runsOfRle(rle));
}

/**
 * Intersection over union of two compressed masks (COCO API): 0 when nothing is shared; against a crowd region the
 * denominator is the detection's area alone.
 * @throws MaskloomError `MASK_INVALID` when one is malformed or the sizes differ
 */
export function maskIou(detection: RleMask, truth: RleMask, crowd = false): number {
  return iouOfRuns(runsOfRle(detection, 'detection'), runsOfRle(truth, 'truth'), crowd);
}

/**
 * The union of polygons as a compressed mask, by the COCO API's polygon rule.
 * @param polygons - each flat [x1, y1, x2, y2, ...] in ImagePx
 * @throws MaskloomError `MASK_INVALID` on a bad polygon or when there is none
 */
export function maskOfPolygons(
  polygons: readonly (readonly number[])[],
  width: number,
  height: number,
): RleMask {
  return rleOfRuns(
    mergeRuns(
      polygons.map((polygon) => runsOfPolygon(polygon, width, height)),
      'union',
    ),
  );
}
