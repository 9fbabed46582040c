import { z } from 'zod';
import {
  defineStage,
  listed,
  MaskloomError,
  PromptWriter,
  throwIfAborted,
  type BuildContext,
  type RunContext,
  type StageFactory,
} from '@maskloom/core';
import { DEFAULT_TEMPLATE, fillTemplate } from './article.js';
import type { DescriptionSource } from './source.js';
import { storedDescriptions } from './sources/stored.js';
import { syntheticDescriber } from './sources/synthetic.js';
import { ATTRIBUTES, type Attribute, type DescribedBy } from './variants.js';

const shared = {
  source: z
    .union([
      z.string().meta({ format: 'path' }),
      z.custom<DescriptionSource>((value) => typeof (value as DescriptionSource)?.open === 'function'),
    ])
    .optional()
    .describe(
      "Where descriptions come from: a JSON file's path, or a source; the bundle's own world when absent.",
    ),
  fallback: z
    .enum(['template', 'name', 'error'])
    .default('template')
    .describe('What becomes of a class that the source knows nothing of.'),
};

/** Options of {@link allAttributes}. */
export interface DescribedOptions {
  /** Where descriptions come from: a JSON file's path, or a source; the bundle's own world when absent. */
  readonly source?: string | DescriptionSource | undefined;
  /** What becomes of a class that the source knows nothing of: CAT-Seg's sentence (default), its name, or an error. */
  readonly fallback?: 'template' | 'name' | 'error' | undefined;
}

/** Options of {@link oneAttribute}. */
export interface OneAttributeOptions extends DescribedOptions {
  /** What the sentences speak of; default `colour`. */
  readonly attribute?: Attribute | undefined;
}

/** Sentences that speak of one visual attribute of each class (rows of LMSeg's prompt ablation). */
export const oneAttribute: StageFactory<
  'PromptWriter',
  z.ZodType<unknown, OneAttributeOptions | undefined>,
  'candidates',
  'descriptions'
> = defineStage({
  slot: PromptWriter,
  name: 'lmseg/one-attribute',
  summary: 'Descriptions by one attribute: colour, shape and size, or texture and material.',
  options: z.object({
    attribute: z.enum(ATTRIBUTES).default('colour').describe('What the sentences speak of.'),
    ...shared,
  }),
  needs: ['candidates'],
  gives: ['descriptions'],
  create: ({ attribute, ...given }, context) => create(attribute, given, context),
});

/** Sentences that speak of every visual attribute of each class: LMSeg's prompts (section 3.2). */
export const allAttributes: StageFactory<
  'PromptWriter',
  z.ZodType<unknown, DescribedOptions | undefined>,
  'candidates',
  'descriptions'
> = defineStage({
  slot: PromptWriter,
  name: 'lmseg/all-attributes',
  summary: 'Descriptions by colour, shape and size, texture and material.',
  options: z.object(shared),
  needs: ['candidates'],
  gives: ['descriptions'],
  create: (given, context) => create('all', given, context),
});

interface Given {
  readonly source?: string | DescriptionSource | undefined;
  readonly fallback: 'template' | 'name' | 'error';
}

async function create(by: DescribedBy, { source, fallback }: Given, context: BuildContext) {
  const from = typeof source === 'string' ? storedDescriptions(source) : (source ?? syntheticDescriber());
  const describer = await from.open(context);
  return {
    describe: async (names: readonly string[], run: RunContext): Promise<readonly (readonly string[])[]> => {
      throwIfAborted(run.signal, 'descriptions');
      const found = names.length === 0 ? [] : await describer.describe(names, by, run);
      const unknown = names.filter((_, i) => (found[i] ?? []).length === 0);
      if (unknown.length > 0) {
        const message = `${from.name} has no description of ${listed(unknown)}`;
        if (fallback === 'error') {
          throw new MaskloomError('DATA_INVALID', `${message}.`, {
            where: `PromptWriter (${by})`,
            hint: "Describe them, or let fallback be 'template' or 'name'.",
          });
        }
        run.warn(`${message}: the ${fallback === 'name' ? 'name alone' : 'template'} is used.`);
      }
      return names.map((name, i) => {
        const own = found[i] ?? [];
        if (own.length > 0) return own;
        return [fallback === 'name' ? name : fillTemplate(DEFAULT_TEMPLATE, name)];
      });
    },
  };
}
