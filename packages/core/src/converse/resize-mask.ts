import { decodeMask, encodeMask, type RleMask } from '@maskloom/masks';

/**
 * A mask with a band of even width added around it (growth), ring by ring of one pixel, until it has at least
 * `1 + fraction` times its pixels; or with such a band taken off, until it has at most `1 - fraction` times. Rings reach
 * to 4 and to 8 neighbours in turn, so that a point grows into an octagon. A mask that another ring would empty, or that
 * fills the image, stays at the ring before.
 * @param fraction - of the area, above 0
 * @returns undefined when not one ring can be added or taken off
 */
export function resizeMask(
  mask: RleMask,
  direction: 'larger' | 'smaller',
  fraction: number,
): RleMask | undefined {
  const { width, height, pixels } = decodeMask(mask);
  const grows = direction === 'larger';
  // Shrinking is growth of what is not the mask; the image's own frame does not eat into it.
  let area = pixels.filter((set) => set === 1).length;
  const goal = area * (grows ? 1 + fraction : 1 - fraction);
  let now = pixels;
  for (let ring = 0; grows ? area < goal : area > goal; ring++) {
    const next = spread(now, width, height, grows ? 1 : 0, ring % 2 === 1);
    const left = next.filter((set) => set === 1).length;
    if (left === area || left === 0) break;
    [now, area] = [next, left];
  }
  return now === pixels ? undefined : encodeMask(now, width, height);
}

/** Sets every pixel that has a neighbour of the given value to that value. */
function spread(
  pixels: Uint8Array,
  width: number,
  height: number,
  value: 0 | 1,
  diagonal: boolean,
): Uint8Array {
  const next = pixels.slice();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (pixels[y * width + x] !== value) continue;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const inside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height;
          if (inside && (diagonal || dx === 0 || dy === 0)) next[(y + dy) * width + x + dx] = value;
        }
      }
    }
  }
  return next;
}
