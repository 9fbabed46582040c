import { MaskloomError, runsOfRle, type MaskRuns, type RleMask } from '@maskloom/core';

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
    paintRuns(map, runs, classIndex);
  });
  return map;
}

/** Writes a value wherever a mask is: only those pixels are visited. */
function paintRuns(map: Int32Array, { width, height, counts }: MaskRuns, value: number): void {
  let position = 0;
  for (let i = 1; i < counts.length; i += 2) {
    position += counts[i - 1]!;
    const end = position + counts[i]!;
    while (position < end) {
      const x = Math.floor(position / height);
      const bottom = Math.min(end, (x + 1) * height);
      for (let at = (position - x * height) * width + x; position < bottom; position++, at += width)
        map[at] = value;
    }
  }
}
