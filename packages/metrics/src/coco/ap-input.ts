import { indexMasks, iouTable, MaskloomError, type RleMask, type RunIndex } from '@maskloom/core';

/** A box in ImagePx: [x, y, width, height]. */
export type CocoBox = readonly [number, number, number, number];

/** What masks and boxes are compared as. */
export type ApKind = 'mask' | 'box';

/** A found object. */
export interface ApDetection {
  /** Id of its category. */
  readonly categoryId: number;
  /** Confidence, any finite number; only the order counts. */
  readonly score: number;
  /** Its mask, for masks. */
  readonly mask?: RleMask | undefined;
  /** Its box, for boxes. */
  readonly bbox?: CocoBox | undefined;
  /** Pixels, which decide the size class of what matches nothing; those of the mask or box when absent. */
  readonly area?: number | undefined;
}

/** A true object. */
export interface ApTruth {
  /** Id of its category. */
  readonly categoryId: number;
  /** Its mask, for masks. */
  readonly mask?: RleMask | undefined;
  /** Its box, for boxes. */
  readonly bbox?: CocoBox | undefined;
  /** Pixels as annotated, which decide the size class; those of the mask or box when absent. */
  readonly area?: number | undefined;
  /** Whether it is a region of many objects (`iscrowd`): it may be matched often, and never counts. */
  readonly crowd?: boolean | undefined;
  /** Whether it does not count; regarded only with `honourIgnore`. */
  readonly ignore?: boolean | undefined;
}

/** One image. */
export interface ApInput {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** What was found. */
  readonly detections: readonly ApDetection[];
  /** What is there. */
  readonly truths: readonly ApTruth[];
}

/** Shapes ready to be compared. */
export interface Shapes {
  /** Pixels of each. */
  readonly areas: readonly number[];
  /** IoU with each truth, row-major [these, truths]. */
  iou(truths: Shapes, crowd: readonly boolean[]): Float64Array;
  /** For the comparison. */
  readonly masks: readonly RunIndex[];
  /** For the comparison. */
  readonly boxes: readonly CocoBox[];
}

/**
 * Makes shapes ready to be compared.
 * @throws MaskloomError `MASK_INVALID` on a malformed mask, `VALUE_INVALID` on a missing or malformed shape or size
 */
export function shapesOf(
  objects: readonly (ApDetection | ApTruth)[],
  kind: ApKind,
  { width, height }: ApInput,
  what: string,
): Shapes {
  const masks: RunIndex[] = [];
  const boxes: CocoBox[] = [];
  if (kind === 'box') objects.forEach(({ bbox }, i) => boxes.push(readBox(bbox, `${what} ${i}`)));
  else {
    const sized = objects.map(({ mask }, i) => sizedMask(mask, width, height, `${what} ${i}`));
    masks.push(...indexMasks(sized, what));
  }
  return {
    areas: kind === 'mask' ? masks.map(({ area }) => area) : boxes.map(([, , w, h]) => w * h),
    masks,
    boxes,
    iou: (truths, crowd) =>
      kind === 'mask' ? iouTable(masks, truths.masks, crowd) : boxIou(boxes, truths.boxes, crowd),
  };
}

function sizedMask(mask: RleMask | undefined, width: number, height: number, where: string): RleMask {
  if (mask === undefined) throw new MaskloomError('VALUE_INVALID', 'A mask is missing.', { where });
  if (mask.size[0] !== height || mask.size[1] !== width) {
    throw new MaskloomError(
      'VALUE_INVALID',
      `The mask is ${mask.size[1]} x ${mask.size[0]} pixels, its image ${width} x ${height}.`,
      { where, hint: 'Masks have the size of the original image.' },
    );
  }
  return mask;
}

function readBox(bbox: CocoBox | undefined, where: string): CocoBox {
  if (bbox?.length === 4 && bbox.every(Number.isFinite) && bbox[2] >= 0 && bbox[3] >= 0) return bbox;
  throw new MaskloomError('VALUE_INVALID', `A box is missing or malformed: ${JSON.stringify(bbox)}.`, {
    where,
    hint: 'Give [x, y, width, height] in pixels.',
  });
}

/** `bbIou` of the COCO API. */
function boxIou(
  detections: readonly CocoBox[],
  truths: readonly CocoBox[],
  crowd: readonly boolean[],
): Float64Array {
  const table = new Float64Array(detections.length * truths.length);
  detections.forEach((d, i) => {
    truths.forEach((g, j) => {
      const w = Math.min(d[2] + d[0], g[2] + g[0]) - Math.max(d[0], g[0]);
      const h = Math.min(d[3] + d[1], g[3] + g[1]) - Math.max(d[1], g[1]);
      if (w <= 0 || h <= 0) return;
      const both = w * h;
      const area = d[2] * d[3];
      table[i * truths.length + j] = both / (crowd[j] === true ? area : area + g[2] * g[3] - both);
    });
  });
  return table;
}
