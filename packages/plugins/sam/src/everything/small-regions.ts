import { complementOfRuns, type MaskRuns } from '@maskloom/core';
import { regionsOf, runsOfRegions } from './regions.js';

/**
 * A mask with its small holes filled and then its small islands removed (`remove_small_regions` of segment-anything's
 * `utils/amg.py`, holes first): regions of fewer than `minArea` pixels, neighbours over corners too. Where every island
 * is small the largest stays; of equal ones the first row by row.
 * @returns the mask itself when nothing was small
 */
export function withoutSmallRegions(mask: MaskRuns, minArea: number): MaskRuns {
  return withoutIslands(withoutHoles(mask, minArea), minArea);
}

function withoutHoles(mask: MaskRuns, minArea: number): MaskRuns {
  const gaps = complementOfRuns(mask);
  const regions = regionsOf(gaps);
  const large = places(regions.areas, (area) => area >= minArea);
  if (large.size === regions.areas.length) return mask;
  return complementOfRuns(runsOfRegions(regions, large, mask));
}

function withoutIslands(mask: MaskRuns, minArea: number): MaskRuns {
  const regions = regionsOf(mask);
  const large = places(regions.areas, (area) => area >= minArea);
  if (large.size === regions.areas.length) return mask;
  if (large.size > 0) return runsOfRegions(regions, large, mask);
  const most = Math.max(...regions.areas);
  const first = firstRowByRow(regions, (region) => regions.areas[region] === most);
  return runsOfRegions(regions, new Set([first]), mask);
}

/** The region among those wanted whose first pixel comes first row by row, as OpenCV numbers them. */
function firstRowByRow(
  { pieces, regionOf }: ReturnType<typeof regionsOf>,
  wanted: (region: number) => boolean,
): number {
  let best = { region: -1, top: Infinity, column: Infinity };
  pieces.forEach(({ column, top }, i) => {
    const region = regionOf[i]!;
    if (!wanted(region)) return;
    if (top < best.top || (top === best.top && column < best.column)) best = { region, top, column };
  });
  return best.region;
}

function places(areas: readonly number[], keep: (area: number) => boolean): ReadonlySet<number> {
  return new Set(areas.flatMap((area, region) => (keep(area) ? [region] : [])));
}
