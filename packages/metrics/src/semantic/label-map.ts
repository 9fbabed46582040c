import { MaskloomError, pixelsOfRuns, runsOfRle, type RleMask } from '@maskloom/core';

/** Row-major [height, width] class indices of one image. */
export type ClassMap = Uint8Array | Uint16Array | Int32Array;

/** A class map as masks, painted in order: later ones over earlier ones. */
export interface PaintedClasses {
  /** In painting order. */
  readonly segments: readonly {
    /** Of the class. */
    readonly classIndex: number;
    /** Its pixels, at the size of the image. */
    readonly mask: RleMask;
  }[];
}

/** Says "no class" in a map made of masks. */
export const NO_CLASS = -1;

/**
 * The class map of painted masks; -1 where no mask is.
 * @throws MaskloomError `MASK_INVALID` when a mask is malformed, `VALUE_INVALID` when it is of another size
 */
export function paintClasses({ segments }: PaintedClasses, width: number, height: number): Int32Array {
  const map = new Int32Array(width * height).fill(NO_CLASS);
  segments.forEach(({ classIndex, mask }, i) => {
    const runs = runsOfRle(mask, `segment ${i}`);
    if (runs.width !== width || runs.height !== height) {
      throw new MaskloomError(
        'VALUE_INVALID',
        `Segment ${i} is ${runs.width} x ${runs.height} pixels, its image ${width} x ${height}.`,
        { where: `segments.${i}.mask` },
      );
    }
    const pixels = pixelsOfRuns(runs);
    for (let p = 0; p < pixels.length; p++) if (pixels[p] === 1) map[p] = classIndex;
  });
  return map;
}
