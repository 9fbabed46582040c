import { rleOfRuns, runsOfRle, type RleMask, type Size } from '@maskloom/core';

/**
 * A mask of a crop as one of the whole image: nothing is set outside of the crop.
 * @param x - left edge of the crop in the image
 * @param y - top edge of the crop in the image
 */
export function placeMask(mask: RleMask, x: number, y: number, image: Size): RleMask {
  const { width, height, counts } = runsOfRle(mask);
  if (x === 0 && y === 0 && width === image.width && height === image.height) return mask;
  const placed: number[] = [];
  // Where the last set run ended, in the whole image.
  let end = 0;
  let position = 0;
  counts.forEach((count, i) => {
    // A run that goes on into the next column of the crop is divided there.
    for (let from = position, left = count; i % 2 === 1 && left > 0;) {
      const column = Math.floor(from / height);
      const part = Math.min(left, (column + 1) * height - from);
      const start = (x + column) * image.height + y + (from - column * height);
      if (start === end && placed.length > 0) placed[placed.length - 1] = (placed.at(-1) ?? 0) + part;
      else placed.push(start - end, part);
      end = start + part;
      from += part;
      left -= part;
    }
    position += count;
  });
  const rest = image.width * image.height - end;
  if (rest > 0) placed.push(rest);
  return rleOfRuns({ width: image.width, height: image.height, counts: Uint32Array.from(placed) });
}
