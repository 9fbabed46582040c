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

/**
 * Samples a mask onto a grid of another size, at the centres of the grid's cells.
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
  const runs = runLengths(text);
  const out = new Uint8Array(outHeight * outWidth);
  let run = 0;
  let end = runs[0] ?? height * width;
  for (let c = 0; c < outWidth; c++) {
    const x = Math.min(width - 1, Math.floor(((c + 0.5) * width) / outWidth));
    for (let r = 0; r < outHeight; r++) {
      const position = x * height + Math.min(height - 1, Math.floor(((r + 0.5) * height) / outHeight));
      while (position >= end && run < runs.length) end += runs[++run] ?? Infinity;
      if ((run & 1) === 1 && run < runs.length) out[r * outWidth + c] = 1;
    }
  }
  return out;
}
