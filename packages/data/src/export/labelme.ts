import { decodeMask, encodeMask, maskBox, mergeMasks, type RleMask } from '@maskloom/core';
import { encodePng } from '@maskloom/runtime';
import { fillOutline } from '../reason/fill-outline.js';
import { maskPolygons, type PolygonOptions } from './polygons.js';
import { centreOutline } from './centre-outline.js';
import { checkSizes, type ExportImage, type ExportSegment } from './results.js';

/** A shape as labelme 5 writes it. */
export interface LabelmeShape {
  /** Its class or name. */
  readonly label: string;
  /** Of a polygon its corners, of a mask two corners of its box: [x, y] in ImagePx. */
  readonly points: readonly (readonly [number, number])[];
  /** Shapes of one mask share a number. */
  readonly group_id: number | null;
  /** Free text: the score. */
  readonly description: string;
  /** How it is drawn. */
  readonly shape_type: 'polygon' | 'mask';
  /** None. */
  readonly flags: Readonly<Record<string, never>>;
  /** Of a mask shape: a PNG of its box as base64. */
  readonly mask: string | null;
}

/** A record as labelme 5 writes it. */
export interface LabelmeRecord {
  /** Of labelme. */
  readonly version: string;
  /** None. */
  readonly flags: Readonly<Record<string, never>>;
  /** The masks. */
  readonly shapes: readonly LabelmeShape[];
  /** As it was given. */
  readonly imagePath: string;
  /** The image is not embedded. */
  readonly imageData: null;
  /** Pixels. */
  readonly imageHeight: number;
  /** Pixels. */
  readonly imageWidth: number;
}

/** The version whose fields these are; the first with shapes of the kind `mask` was 5.2. */
const VERSION = '5.5.0';

/**
 * Masks as a labelme record. labelme fills a polygon with its boundary, through pixel centres, and knows no holes. A mask whose
 * parts can be said so becomes a polygon a part, which can be edited, with a common `group_id`; any other one becomes one shape
 * of the kind `mask`, which is exact. With a tolerance all become polygons that have no holes. The score stands in the
 * description. Empty masks are left out.
 * @param imagePath - the image, relative to the record's folder, with `/`
 * @throws MaskloomError `MASK_INVALID`
 */
export async function labelmeRecord(
  image: ExportImage,
  imagePath: string,
  options: PolygonOptions = {},
): Promise<LabelmeRecord> {
  checkSizes(image);
  const shapes: LabelmeShape[] = [];
  for (const [index, segment] of image.segments.entries())
    shapes.push(...(await shapesOf(segment, index, options)));
  return {
    version: VERSION,
    flags: {},
    shapes,
    imagePath,
    imageData: null,
    imageHeight: image.height,
    imageWidth: image.width,
  };
}

async function shapesOf(
  { label, score, mask }: ExportSegment,
  index: number,
  options: PolygonOptions,
): Promise<readonly LabelmeShape[]> {
  const polygons = maskPolygons(mask, options);
  if (polygons.length === 0) return [];
  const exact = (options.tolerance ?? 0) === 0;
  const outlines = exact
    ? polygons.map(({ outer }) => centreOutline(outer))
    : polygons.map(({ outer }) => pairs(outer));
  const common = { label, description: `score ${score}`, flags: {} };
  if (exact && !givesBack(outlines, mask)) {
    const [x, y, width, height] = maskBox(mask);
    const shape = {
      ...common,
      points: [
        [x, y],
        [x + width - 1, y + height - 1],
      ] as const,
      group_id: null,
      shape_type: 'mask' as const,
      mask: await boxPicture(mask, [x, y, width, height]),
    };
    return [shape];
  }
  return outlines.map((points) => ({
    ...common,
    points,
    group_id: outlines.length > 1 ? index : null,
    shape_type: 'polygon',
    mask: null,
  }));
}

function pairs(corners: readonly number[]): readonly (readonly [number, number])[] {
  return Array.from({ length: corners.length / 2 }, (_, i) => [
    corners[2 * i] as number,
    corners[2 * i + 1] as number,
  ]);
}

/** Whether polygons filled as the reader of labelme records does are the mask; labelme wants three points at least. */
function givesBack(outlines: readonly (readonly (readonly [number, number])[])[], mask: RleMask): boolean {
  if (outlines.some((points) => points.length < 3)) return false;
  const [height, width] = mask.size;
  const filled = outlines.map((points) => encodeMask(fillOutline(points, width, height), width, height));
  return mergeMasks(filled).counts === mask.counts;
}

/** The part of a mask in a box, as a PNG in base64. */
async function boxPicture(
  mask: RleMask,
  [left, top, width, height]: readonly [number, number, number, number],
): Promise<string> {
  const { pixels, width: stride } = decodeMask(mask);
  const box = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * stride + left;
    box.set(pixels.subarray(from, from + width), y * width);
  }
  return Buffer.from(await encodePng(box, { width, height })).toString('base64');
}
