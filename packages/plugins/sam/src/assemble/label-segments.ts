import { encodeLabel, maskBox, type DecodedMasks, type MaskLabel, type Segment } from '@maskloom/core';
import type { MergedLabels } from './semantic-merge.js';

/**
 * One segment per name that has pixels, the largest score first as given by the merge.
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
  const areas = new Uint32Array(names.length + 1);
  for (const label of labels) areas[label] = (areas[label] ?? 0) + 1;
  return names.flatMap((label, channel): Segment[] => {
    const area = areas[channel + 1] ?? 0;
    if (area === 0) return [];
    const mask = encodeLabel(labels, width, height, channel + 1);
    const evidence = sources[channel]?.evidence;
    return [
      {
        label,
        score: scores[channel] ?? 0,
        bbox: maskBox(mask),
        area,
        mask,
        ...(evidence === undefined ? {} : { evidence }),
      },
    ];
  });
}
