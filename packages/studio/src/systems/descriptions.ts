import { hash } from 'node:crypto';
import {
  compose,
  createSpec,
  MaskloomError,
  type AnyRecipe,
  type AnyStageFactory,
  type Registry,
  type SlotName,
} from '@maskloom/core';
import { z } from 'zod';
import { optionsSchema } from './options-schema.js';

/** Reads descriptions of classes, in the form that the command line takes them. */
export interface DescriptionReader {
  /** What descriptions speak of, e.g. `colour`. */
  readonly attributes: readonly string[];
  /**
   * Checks what a page or a program sent.
   * @returns what stages take as their option `source`
   * @throws MaskloomError DATA_INVALID
   */
  read(content: object): Promise<unknown>;
}

/** Descriptions as they are sent: an object, so that none is taken for the path of a file; the reader checks the rest. */
export const descriptionsSchema = z
  .looseObject({ classes: z.record(z.string().max(500), z.unknown()) })
  .describe('what classes look like, as `maskloom describe` writes it');

/** A recipe that was given descriptions. */
export interface DescribedRecipe {
  readonly recipe: AnyRecipe;
  /** Tells recipes with other descriptions apart. */
  readonly key: string;
  /** False when nothing in the recipe reads descriptions: it is as it was. */
  readonly described: boolean;
}

/** The slot whose stages write about classes, and their option that says what is known of these. */
const [SLOT, OPTION] = ['PromptWriter', 'source'];

/**
 * A recipe whose stage that writes about classes knows the descriptions that came with a question.
 * @throws MaskloomError DATA_INVALID when they are none, OPTION_INVALID when nobody here reads any
 */
export async function describedRecipe(
  registry: Registry,
  recipe: AnyRecipe,
  descriptions: object | undefined,
  reader: DescriptionReader | undefined,
): Promise<DescribedRecipe> {
  if (descriptions === undefined) return { recipe, key: '', described: false };
  if (reader === undefined)
    throw new MaskloomError('OPTION_INVALID', 'This studio reads no descriptions.', {
      where: 'descriptions',
      hint: 'Leave them out, or start it as maskloom studio does.',
    });
  const source = await reader.read(descriptions);
  const writer = writerOf(registry, recipe);
  if (writer === undefined) return { recipe, key: '', described: false };
  const { factory, options } = writer;
  const spec = createSpec(factory, { ...options, [OPTION]: source });
  const told = compose(recipe).with({ name: SLOT as SlotName }, spec);
  return { recipe: told.recipe, key: hash('sha256', JSON.stringify(descriptions)), described: true };
}

/** The stage of a recipe that can be told what classes look like, and its options; nothing when there is none. */
export function writerOf(
  registry: Registry,
  recipe: AnyRecipe,
): { readonly factory: AnyStageFactory; readonly options: object } | undefined {
  const own = recipe.stages[SLOT as SlotName];
  const slot = registry.slots().find(({ name }) => name === SLOT);
  if (own === undefined || slot === undefined) return undefined;
  const factory = registry.stage(own.name, slot);
  if (optionsSchema(factory).properties?.[OPTION] === undefined) return undefined;
  return { factory, options: own.options as object };
}

/** A choice as a program has it: the descriptions in a file beside it. */
export const DESCRIPTIONS_FILE = 'descriptions.json';
