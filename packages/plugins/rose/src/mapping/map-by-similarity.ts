import type { LabelMapper, LabelMatch, RunContext, TextEmbedder } from '@maskloom/core';
import { bestColumn, similarities } from '../naming/similarity.js';
import { exactMatches } from './exact-or-synonym.js';

/**
 * A mapper to the label whose text embedding is nearest to the name's; an equal label is taken as it is.
 * @param least - cosine below which a name has no label
 */
export function mapBySimilarity(texts: TextEmbedder, least: number): LabelMapper {
  return {
    ...(texts.widths === undefined ? {} : { widths: texts.widths }),
    ...(texts.device === undefined ? {} : { device: texts.device }),
    async map(
      names: readonly string[],
      labels: readonly string[],
      run: RunContext,
    ): Promise<readonly LabelMatch[]> {
      const matches = exactMatches(names, labels);
      const open = [...new Set(names.filter((_, i) => matches[i]?.label === undefined))].filter((name) =>
        /\p{L}/u.test(name),
      );
      if (open.length === 0 || labels.length === 0) return matches;
      const embedded = await texts.embed(
        [...open, ...labels].map((name) => [name]),
        run,
      );
      const { values, width } = embedded;
      const columns = values.subarray(open.length * width);
      // A name at a time: the table of many names and many labels would be large.
      const nearest = new Map(
        open.map((name, row): [string, LabelMatch] => {
          const cosines = similarities(values.subarray(row * width, (row + 1) * width), columns, width);
          const best = bestColumn(cosines, 0, labels.length);
          const score = cosines[best] ?? -1;
          return [name, { label: score >= least ? labels[best] : undefined, score, how: 'similarity' }];
        }),
      );
      return matches.map((match, i) =>
        match.label === undefined ? (nearest.get(names[i] ?? '') ?? match) : match,
      );
    },
    dispose: () => texts.dispose?.(),
  };
}
