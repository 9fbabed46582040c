import { z } from 'zod';
import {
  defineStage,
  LabelMapper,
  type LabelMatch,
  type RunContext,
  type StageFactory,
} from '@maskloom/core';
import { siglipText } from '@maskloom/clip';
import { bestColumn, similarities } from '../naming/similarity.js';
import { exactMatches } from './exact-or-synonym.js';

const options = z.object({
  least: z
    .number()
    .min(-1)
    .max(1)
    .default(-1)
    .describe('Cosine below which a name has no label; -1: every name gets the nearest one.'),
});

/** Options of {@link siglipSimilarity}. */
export interface SiglipSimilarityOptions {
  /** Cosine below which a name has no label; default -1: every name gets the nearest one. */
  readonly least?: number | undefined;
}

/**
 * A name is the label whose SigLIP text embedding is nearest to its own; an equal label is taken as it is. The score
 * is the cosine.
 */
export const siglipSimilarity: StageFactory<
  'LabelMapper',
  z.ZodType<unknown, SiglipSimilarityOptions | undefined>,
  'names' | 'candidates',
  'names'
> = defineStage({
  slot: LabelMapper,
  name: 'rose/siglip-similarity',
  summary: "Names to labels: the label whose SigLIP text embedding is nearest to the name's.",
  options,
  needs: ['names', 'candidates'],
  gives: ['names'],
  async create({ least }, context) {
    const texts = await siglipText().create(context);
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
  },
});
