import { decodeMask, type PointSet, type SpatialPrompt } from '@maskloom/core';

/**
 * Which patches lie in the regions pointed at: the patch's middle is in the box and on the mask of at least one prompt.
 * @param centres - the patches' middles in ImagePx
 * @param prompts - points count as the patch nearest to each positive one
 * @returns one flag per patch
 */
export function patchesWithin(
  { xy, labels }: PointSet<'ImagePx'>,
  prompts: readonly SpatialPrompt[],
): readonly boolean[] {
  const inside = Array.from(labels, () => false);
  for (const { box, mask, points } of prompts) {
    const region = mask === undefined ? undefined : decodeMask(mask);
    if (box !== undefined || region !== undefined) {
      for (let p = 0; p < labels.length; p++) {
        const [x = 0, y = 0] = [xy[2 * p], xy[2 * p + 1]];
        const inBox =
          box === undefined || (x >= box.x && y >= box.y && x < box.x + box.width && y < box.y + box.height);
        // A centre on the last half pixel belongs to the last row or column.
        const pixel =
          region === undefined
            ? 1
            : region.pixels[clamp(y, region.height) * region.width + clamp(x, region.width)];
        if (inBox && pixel === 1) inside[p] = true;
      }
    } else if (points !== undefined) {
      points.labels.forEach((label, i) => {
        const nearest = nearestTo(xy, points.xy[2 * i] ?? 0, points.xy[2 * i + 1] ?? 0);
        if (label === 1 && nearest >= 0) inside[nearest] = true;
      });
    }
  }
  return inside;
}

function clamp(value: number, length: number): number {
  return Math.min(length - 1, Math.max(0, Math.floor(value)));
}

function nearestTo(xy: Float32Array, x: number, y: number): number {
  let best = -1;
  let least = Infinity;
  for (let p = 0; p < xy.length / 2; p++) {
    const away = ((xy[2 * p] ?? 0) - x) ** 2 + ((xy[2 * p + 1] ?? 0) - y) ** 2;
    if (away < least) [best, least] = [p, away];
  }
  return best;
}
