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
      const split = open.length * width;
      const table = similarities(values.subarray(0, split), values.subarray(split), width);
      return matches.map((match, i): LabelMatch => {
        const row = open.indexOf(names[i] ?? '');
        if (match.label !== undefined || row < 0) return match;
        const best = bestColumn(table, row, labels.length);
        const score = table[row * labels.length + best] ?? -1;
        return { label: score >= least ? labels[best] : undefined, score, how: 'similarity' };
      });
    },
    dispose: () => texts.dispose?.(),
  };
}
