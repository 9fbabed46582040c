import { MaskloomError } from '../errors/maskloom-error.js';
import { mergeMasks } from './merge-runs.js';
import { rleOfRuns } from './rle-of-runs.js';
import { maskOfPolygons, runsOfRle } from './rle.js';
import type { RleMask } from './rle-mask.js';

/** A region as COCO files hold it: one RLE, or polygons [x1, y1, x2, y2, ...] or RLEs that are joined. */
export type Segmentation = SegmentationRle | readonly (readonly number[] | SegmentationRle)[];

/** A run-length encoded region as COCO files hold it. */
export interface SegmentationRle {
  /** [height, width]. */
  readonly size: readonly [number, number];
  /** Compressed string, or run lengths column by column, zeros first. */
  readonly counts: string | readonly number[];
}

/**
 * The masks of a segmentation's polygons or RLEs, each alone, by the rules of the COCO API (`annToRLE`). Polygons of fewer than
 * three points enclose nothing and are left out.
 * @param width - the image's, in pixels
 * @param height - the image's, in pixels
 * @throws MaskloomError `MASK_INVALID` when a part is malformed or of another size than the image
 */
export function masksOfSegmentation(
  segmentation: Segmentation,
  width: number,
  height: number,
): readonly RleMask[] {
  const parts = isRle(segmentation) ? [segmentation] : segmentation;
  return parts.flatMap((part): RleMask[] => {
    if (!isRle(part)) return part.length < 6 ? [] : [maskOfPolygons([part], width, height)];
    if (part.size[0] !== height || part.size[1] !== width)
      throw new MaskloomError(
        'MASK_INVALID',
        `Its size is ${part.size[1]} x ${part.size[0]}, not ${width} x ${height}.`,
        {
          hint: 'Masks have the size of the original image.',
        },
      );
    return [normalised(part)];
  });
}

/** The union of {@link masksOfSegmentation}; an empty mask where there is none. */
export function maskOfSegmentation(segmentation: Segmentation, width: number, height: number): RleMask {
  const masks = masksOfSegmentation(segmentation, width, height);
  if (masks.length === 0) return rleOfRuns({ width, height, counts: Uint32Array.of(width * height) });
  return masks.length === 1 ? (masks[0] as RleMask) : mergeMasks(masks);
}

function isRle(part: Segmentation | readonly number[]): part is SegmentationRle {
  return !Array.isArray(part);
}

function normalised({ size, counts }: SegmentationRle): RleMask {
  const [height, width] = size;
  if (typeof counts === 'string') return rleOfRuns(runsOfRle({ size, counts }));
  const total = counts.reduce((sum, run) => sum + run, 0);
  if (total !== width * height)
    throw new MaskloomError('MASK_INVALID', `The runs cover ${total} of ${width * height} pixels.`);
  return rleOfRuns({ width, height, counts: Uint32Array.from(counts) });
}
