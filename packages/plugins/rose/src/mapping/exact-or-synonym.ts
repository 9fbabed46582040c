import { z } from 'zod';
import { defineStage, LabelMapper, type LabelMatch, type StageFactory } from '@maskloom/core';

const options = z.object({
  synonyms: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      'Name to label, for names that are not labels themselves; compared without case and blanks around.',
    ),
});

/** Options of {@link exactOrSynonym}. */
export interface ExactOrSynonymOptions {
  /** Name to label, for names that are not labels themselves; compared without case and outer blanks. */
  readonly synonyms?: Readonly<Record<string, string>> | undefined;
}

/**
 * A name is its label when they are equal but for case, outer blanks and hyphens, or when the table says so; otherwise
 * it has none. No model is asked.
 */
export const exactOrSynonym: StageFactory<
  'LabelMapper',
  z.ZodType<unknown, ExactOrSynonymOptions | undefined>,
  'names' | 'candidates',
  'names'
> = defineStage({
  slot: LabelMapper,
  name: 'rose/exact-or-synonym',
  summary: 'Names to labels: equal but for case, or by a table of synonyms.',
  options,
  needs: ['names', 'candidates'],
  gives: ['names'],
  create: ({ synonyms }) => {
    const table = new Map(Object.entries(synonyms).map(([name, label]) => [plain(name), plain(label)]));
    return {
      map: async (names: readonly string[], labels: readonly string[]): Promise<readonly LabelMatch[]> =>
        exactMatches(names, labels, table),
    };
  },
});

/** Matches each name with the first label that is equal to it, or that the table of plain names leads to. */
export function exactMatches(
  names: readonly string[],
  labels: readonly string[],
  table: ReadonlyMap<string, string> = new Map(),
): readonly LabelMatch[] {
  const known = new Map(labels.toReversed().map((label) => [plain(label), label]));
  return names.map((name) => {
    const exact = known.get(plain(name));
    if (exact !== undefined) return { label: exact, score: 1, how: 'exact' };
    const synonym = known.get(table.get(plain(name)) ?? '');
    if (synonym !== undefined) return { label: synonym, score: 1, how: 'synonym' };
    return { label: undefined, score: 0, how: 'none' };
  });
}

/** A name without case, hyphens and needless blanks. */
export function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();
}
