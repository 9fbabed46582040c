import { MaskloomError, type DecodedMasks, type MaskLabel, type Segment } from '@maskloom/core';
import { labelSegments } from './label-segments.js';
import { mergeChannels, type MergeRule } from './semantic-merge.js';

/**
 * A semantic result of decoded masks: those of one name become a channel, every pixel goes to the highest, see
 * {@link mergeChannels}. One segment per name; none of them overlap. A segment shows its best mask's evidence.
 * @throws MaskloomError VALUE_INVALID when there is not one label per mask, ABORTED
 */
export async function mergeByName(
  decoded: DecodedMasks,
  labels: readonly MaskLabel[],
  rule: MergeRule,
  where: string,
  signal?: AbortSignal,
): Promise<readonly Segment[]> {
  const scores = scoresOf(decoded, labels, where);
  const order = labels.map((_, n) => n).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  const sources = new Map<string, MaskLabel>();
  for (const n of order) {
    const label = labels[n];
    if (label !== undefined && !sources.has(label.label)) sources.set(label.label, label);
  }
  const names = [...sources.keys()];
  const channelOf = new Map(names.map((name, channel) => [name, channel]));
  const channels = labels.map(({ label }) => channelOf.get(label) ?? 0);
  const merged = await mergeChannels(decoded, scores, channels, names.length, rule, signal);
  return labelSegments(merged, names, [...sources.values()], decoded);
}

/**
 * The score of each mask: its label's, or the decoder's predicted quality within 0..1.
 * @throws MaskloomError VALUE_INVALID when there is not one label per mask
 */
export function scoresOf(
  { count, quality }: DecodedMasks,
  labels: readonly MaskLabel[],
  where: string,
): readonly number[] {
  if (labels.length === count)
    return labels.map(({ score }, n) => score ?? Math.min(1, Math.max(0, quality[n] ?? 0)));
  throw new MaskloomError('VALUE_INVALID', `${labels.length} labels for ${count} masks.`, {
    where,
    hint: 'Give one label per mask, in the order of the masks.',
  });
}
