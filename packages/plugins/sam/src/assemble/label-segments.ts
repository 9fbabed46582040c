import {
  areaOfRuns,
  boxOfRuns,
  rleOfRuns,
  runsOfLabels,
  type DecodedMasks,
  type MaskLabel,
  type Segment,
} from '@maskloom/core';
import type { MergedLabels } from './semantic-merge.js';

/**
 * One segment per name that has pixels, in the order of the names, scored as the merge says.
 * @param names - label of each channel
 * @param sources - the label whose evidence each channel shows
 */
export function labelSegments(
  { labels, scores }: MergedLabels,
  names: readonly string[],
  sources: readonly MaskLabel[],
  { transform }: DecodedMasks,
): readonly Segment[] {
  const { width, height } = transform.original;
  const found = runsOfLabels(labels, width, height);
  return names.flatMap((label, channel): Segment[] => {
    const runs = found.get(channel + 1);
    if (runs === undefined) return [];
    const evidence = sources[channel]?.evidence;
    return [
      {
        label,
        score: scores[channel] ?? 0,
        bbox: boxOfRuns(runs),
        area: areaOfRuns(runs),
        mask: rleOfRuns(runs),
        ...(evidence === undefined ? {} : { evidence }),
      },
    ];
  });
}
