import {
  areaOfRuns,
  boxOfRuns,
  complementOfRuns,
  mergeRuns,
  rleOfRuns,
  runsOfRle,
  type MaskRuns,
  type Segment,
} from '@maskloom/core';

/**
 * One segment per name, none of which overlap: a pixel goes to the segment of the highest score that has it, of equal ones to
 * the first. A name's score is its best segment's, and so is what is shown of it. Names that are left without a pixel go.
 */
export function onePerName(segments: readonly Segment[]): readonly Segment[] {
  const order = segments.map((_, n) => n).sort((a, b) => segments[b]!.score - segments[a]!.score || a - b);
  const parts = new Map<string, { readonly best: Segment; readonly runs: MaskRuns[] }>();
  let free: MaskRuns | undefined;
  for (const n of order) {
    const segment = segments[n]!;
    const whole = runsOfRle(segment.mask);
    const rest = free === undefined ? whole : mergeRuns([whole, free], 'intersection');
    free = mergeRuns([free ?? complementOfRuns(whole), complementOfRuns(whole)], 'intersection');
    const known = parts.get(segment.label);
    if (known === undefined) parts.set(segment.label, { best: segment, runs: [rest] });
    else known.runs.push(rest);
  }
  return [...parts.values()].flatMap(({ best, runs }) => {
    const merged = mergeRuns(runs, 'union');
    const area = areaOfRuns(merged);
    return area === 0 ? [] : [{ ...best, mask: rleOfRuns(merged), area, bbox: boxOfRuns(merged) }];
  });
}
