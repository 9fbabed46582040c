import { z } from 'zod';
import { defineStage, PromptWriter, type StageFactory } from '@maskloom/core';
import { DEFAULT_TEMPLATE, fillTemplate } from './article.js';
import { worldOf } from './sources/world.js';

/** The name and nothing else. */
export const bareName = defineStage({
  slot: PromptWriter,
  name: 'lmseg/bare-name',
  summary: "Each class's name alone.",
  options: z.object({}),
  needs: ['candidates'],
  gives: ['descriptions'],
  create: () => ({ describe: async (names: readonly string[]) => names.map((name) => [name]) }),
});

/** Options of {@link template}. */
export interface TemplateOptions {
  /** The sentence: `{}` becomes the name, `{a}` the name with its article; CAT-Seg's when absent. */
  readonly template?: string | undefined;
}

/** A fixed sentence around the name: CAT-Seg's by default. */
export const template: StageFactory<
  'PromptWriter',
  z.ZodType<unknown, TemplateOptions | undefined>,
  'candidates',
  'descriptions'
> = defineStage({
  slot: PromptWriter,
  name: 'lmseg/template',
  summary: "Each class's name in a fixed sentence.",
  options: z.object({
    template: z
      .string()
      .regex(/\{a?\}/, "It needs '{}' for the name, or '{a}' for the name with its article.")
      .default(DEFAULT_TEMPLATE)
      .describe("'{}' becomes the name, '{a}' the name with its article."),
  }),
  needs: ['candidates'],
  gives: ['descriptions'],
  create: ({ template: sentence }, { models }) => {
    // Materials of a world that the bundle knows take no article: "a photo of grass".
    const materials = new Set(worldOf(models)?.stuff ?? []);
    return {
      describe: async (names: readonly string[]) =>
        names.map((name) => [fillTemplate(sentence, name, !materials.has(name))]),
    };
  },
});
