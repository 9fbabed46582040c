import { decodeMask, type RleMask, type Size } from '@maskloom/core';

/** The class of a pixel that no segment covers. */
export const NOTHING = 255;

/**
 * Paints segments into a map of class indices; later ones lie over earlier ones, names that are no class are left out.
 * @param classes - at most 254 names
 * @returns row-major [height, width]; {@link NOTHING} where there is no class
 */
export function paintClasses(
  { width, height }: Size,
  classes: readonly string[],
  segments: readonly { readonly label: string; readonly mask: RleMask }[],
): Uint8Array {
  const map = new Uint8Array(width * height).fill(NOTHING);
  for (const { label, mask } of segments) {
    const index = classes.indexOf(label);
    if (index < 0) continue;
    decodeMask(mask).pixels.forEach((set, pixel) => {
      if (set === 1) map[pixel] = index;
    });
  }
  return map;
}

/** Segments so that the most confident one is painted last; equal ones keep their order. */
export function byRisingScore<T extends { readonly score: number }>(segments: readonly T[]): readonly T[] {
  return [...segments].sort((a, b) => a.score - b.score);
}
