import { basename } from 'node:path';
import { maskArea, maskBox } from '@maskloom/core';
import { checkSizes, type ExportImage } from './results.js';

/** One line of COCO results. */
export interface CocoResult {
  /** Id of the image. */
  readonly image_id: number;
  /** Id of the class. */
  readonly category_id: number;
  /** Compressed RLE: [height, width] and counts. */
  readonly segmentation: {
    /** [height, width]. */
    readonly size: readonly [number, number];
    /** The runs, as the COCO API writes them. */
    readonly counts: string;
  };
  /** Confidence. */
  readonly score: number;
}

/** Numbers of images and classes in a COCO file. */
export interface CocoIds {
  /** The id of an image file. */
  readonly image: (path: string) => number;
  /** The id of a class. */
  readonly category: (label: string) => number;
}

/** Images and classes of a COCO file. */
export interface CocoFile {
  /** Every image, those without masks too. */
  readonly images: readonly {
    /** Unique. */
    readonly id: number;
    /** Path as it was given. */
    readonly file_name: string;
    /** Pixels. */
    readonly width: number;
    /** Pixels. */
    readonly height: number;
  }[];
  /** Every class. */
  readonly categories: readonly {
    /** Unique. */
    readonly id: number;
    /** Its word. */
    readonly name: string;
  }[];
  /** The masks; none in a file that results are scored against. */
  readonly annotations: readonly (Omit<CocoResult, 'score'> & {
    /** Unique. */
    readonly id: number;
    /** Pixels. */
    readonly area: number;
    /** [x, y, width, height] in ImagePx. */
    readonly bbox: readonly number[];
    /** Always 0: a mask is one object. */
    readonly iscrowd: 0;
  })[];
}

/**
 * Masks as COCO results, as pycocotools' `loadRes` takes them. Boxes are left out: `loadRes` takes areas from them where they
 * are there. Empty masks are no detections and are left out.
 * @throws MaskloomError `MASK_INVALID`
 */
export function cocoResults(images: readonly ExportImage[], ids: CocoIds): readonly CocoResult[] {
  return images.flatMap((image) => {
    checkSizes(image);
    return image.segments
      .filter(({ mask }) => maskArea(mask) > 0)
      .map(({ label, score, mask }) => ({
        image_id: ids.image(image.path),
        category_id: ids.category(label),
        segmentation: { size: mask.size, counts: mask.counts },
        score,
      }));
  });
}

/**
 * A COCO file of images and classes, with the masks as annotations (compressed RLE), or none of them: the file that results are
 * read beside.
 * @param labels - names of the classes
 * @param annotated - false leaves the annotations out
 * @throws MaskloomError `MASK_INVALID`
 */
export function cocoFile(
  images: readonly ExportImage[],
  labels: readonly string[],
  ids: CocoIds,
  annotated: boolean,
): CocoFile {
  const byId = new Map(images.map((image) => [ids.image(image.path), image]));
  const results = annotated ? cocoResults(images, ids) : [];
  return {
    images: [...byId].map(([id, { path, width, height }]) => ({
      id,
      file_name: basename(path),
      width,
      height,
    })),
    categories: labels.map((name) => ({ id: ids.category(name), name })),
    annotations: results.map(({ score: _, ...result }, i) => ({
      id: i + 1,
      ...result,
      area: maskArea(result.segmentation),
      bbox: maskBox(result.segmentation),
      iscrowd: 0,
    })),
  };
}
