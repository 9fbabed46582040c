import { MaskloomError, type RleMask } from '@maskloom/core';

/** A mask with its name, to be written. */
export interface ExportSegment {
  /** Its class, or the phrase it answers. */
  readonly label: string;
  /** Confidence 0..1; 1 for annotations. */
  readonly score: number;
  /** At the size of its image. */
  readonly mask: RleMask;
}

/** An image with its masks, to be written. */
export interface ExportImage {
  /** Path of the image file. */
  readonly path: string;
  /** Pixels, as the masks see it (orientation applied). */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** In the order they are listed; where masks overlap in one picture, see each form. */
  readonly segments: readonly ExportSegment[];
}

/** What one system says about some images. */
export interface ExportResults {
  /** Who says it, e.g. `read/full`; part of file names. */
  readonly name: string;
  /** In order; a path may occur more than once. */
  readonly images: readonly ExportImage[];
}

/** @throws MaskloomError `MASK_INVALID` when a mask has another size than its image */
export function checkSizes({ path, width, height, segments }: ExportImage): void {
  for (const { label, mask } of segments) {
    if (mask.size[0] === height && mask.size[1] === width) continue;
    throw new MaskloomError(
      'MASK_INVALID',
      `The mask of '${label}' is ${mask.size[1]} x ${mask.size[0]}, its image ${width} x ${height}.`,
      { where: path },
    );
  }
}
