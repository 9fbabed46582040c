/**
 * Run lengths of a COCO compressed counts string: column-major, zeros first.
 * Each value is written in groups of 5 bits, low bits first, from the fourth value on as the
 * difference from the value two places before (pycocotools `rleFrString`).
 * @param text - the compressed string
 * @returns the run lengths; a damaged string gives what could be read
 */
export function runLengths(text: string): number[] {
  const runs: number[] = [];
  let at = 0;
  while (at < text.length) {
    let value = 0;
    let shift = 0;
    let more = true;
    while (more && at < text.length) {
      const bits = text.charCodeAt(at++) - 48;
      value |= (bits & 31) << shift;
      more = (bits & 32) !== 0;
      shift += 5;
      if (!more && (bits & 16) !== 0 && shift < 32) value |= -1 << shift;
    }
    if (runs.length > 2) value += runs[runs.length - 2] ?? 0;
    runs.push(Math.max(0, value));
  }
  return runs;
}

/** A part of a grid, in its cells. */
export interface GridPart {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The part of a grid of another size that a mask can reach: large pictures have small masks, and the rest need not be looked at.
 * @param runs - run lengths of a mask of `height` by `width`
 */
export function reachedPart(
  runs: readonly number[],
  height: number,
  width: number,
  outHeight: number,
  outWidth: number,
): GridPart {
  let [left, right, top, bottom] = [width, 0, height, 0];
  let at = 0;
  for (const [i, length] of runs.entries()) {
    if ((i & 1) === 1 && length > 0) {
      const [first, last] = [Math.floor(at / height), Math.floor((at + length - 1) / height)];
      left = Math.min(left, first);
      right = Math.max(right, last + 1);
      top = Math.min(top, first === last ? at % height : 0);
      bottom = Math.max(bottom, first === last ? ((at + length - 1) % height) + 1 : height);
    }
    at += length;
  }
  const x = Math.max(0, Math.floor((left * outWidth) / width) - 1);
  const y = Math.max(0, Math.floor((top * outHeight) / height) - 1);
  return {
    left: x,
    top: y,
    width: Math.max(0, Math.min(outWidth, Math.ceil((right * outWidth) / width) + 1) - x),
    height: Math.max(0, Math.min(outHeight, Math.ceil((bottom * outHeight) / height) + 1) - y),
  };
}

/**
 * Samples a part of a mask onto a grid of another size, at the centres of the grid's cells.
 * @param runs - run lengths of a mask of `height` by `width`
 * @param part - of a grid of `outHeight` by `outWidth`
 * @returns row-major bytes of the part, 1 inside the mask
 */
export function samplePart(
  runs: readonly number[],
  height: number,
  width: number,
  outHeight: number,
  outWidth: number,
  part: GridPart,
): Uint8Array {
  const out = new Uint8Array(part.height * part.width);
  let run = 0;
  let end = runs[0] ?? height * width;
  for (let c = 0; c < part.width; c++) {
    const x = Math.min(width - 1, Math.floor(((part.left + c + 0.5) * width) / outWidth));
    for (let r = 0; r < part.height; r++) {
      const y = Math.min(height - 1, Math.floor(((part.top + r + 0.5) * height) / outHeight));
      const position = x * height + y;
      while (position >= end && run < runs.length) end += runs[++run] ?? Infinity;
      if ((run & 1) === 1 && run < runs.length) out[r * part.width + c] = 1;
    }
  }
  return out;
}

/**
 * Samples a whole mask onto a grid of another size.
 * @param text - COCO compressed counts of a mask of `height` by `width`
 * @returns row-major bytes of `outHeight` by `outWidth`, 1 inside the mask
 */
export function sampleMask(
  text: string,
  height: number,
  width: number,
  outHeight: number,
  outWidth: number,
): Uint8Array {
  const all = { left: 0, top: 0, width: outWidth, height: outHeight };
  return samplePart(runLengths(text), height, width, outHeight, outWidth, all);
}
