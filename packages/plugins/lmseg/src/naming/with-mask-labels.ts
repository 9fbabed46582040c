import {
  MaskloomError,
  recipeId,
  type AnyRecipe,
  type CategoryQuery,
  type ImageFrame,
  type RecipeResult,
  type RunContext,
  type SegmentRequest,
  type SlotStages,
} from '@maskloom/core';
import { maskPooledLabels, type MaskPooledLabelsOptions } from './mask-pooled-labels.js';

/**
 * LMSeg's labels over any recipe's masks: the recipe finds the masks, and the request's labels are given to them by the
 * features inside them. A recipe that names its masks itself (ROSE) is spared the naming. The recipe is not changed and
 * is not imported: it can come from any package; the bundle must also hold LMSeg's models.
 *
 * @example
 * const labelled = withMaskLabels(prompted); // SAM's masks, LMSeg's labels
 * await pipeline.segment(image, { task: 'prompted', prompts, labels: ['star', 'ring', 'grass'] });
 * @returns a recipe `system/name-lmseg-labels`; its CategoryGenerator can be swapped like any other
 */
export function withMaskLabels(recipe: AnyRecipe, options: MaskPooledLabelsOptions = {}): AnyRecipe {
  const id = recipeId(recipe);
  const own = recipe.wiring.CategoryGenerator;
  return Object.freeze({
    ...recipe,
    name: `${recipe.name}-lmseg-labels`,
    summary: `${recipe.summary.replace(/\.$/, '')}, named by LMSeg's labels.`,
    bundleRecipe: recipe.bundleRecipe ?? id,
    alsoUses: [...(recipe.alsoUses ?? []), [options.recipe ?? 'lmseg/full']],
    wiring: Object.freeze({
      ...recipe.wiring,
      CategoryGenerator: {
        supplies: [...new Set([...(own?.supplies ?? []), 'candidates' as const])],
        demands: ['names' as const],
      },
    }),
    stages: Object.freeze({ ...recipe.stages, CategoryGenerator: maskPooledLabels(options) }),
    run: async (
      stages: Partial<SlotStages>,
      image: ImageFrame,
      request: SegmentRequest,
      run: RunContext,
    ): Promise<RecipeResult> => {
      const { labels, ...unlabelled } = request;
      const generator = stages.CategoryGenerator;
      if (labels === undefined || labels.length === 0 || generator === undefined) {
        throw new MaskloomError('VALUE_INVALID', 'There are no labels to give to the masks.', {
          where: `${id}: request.labels`,
          hint: 'Give labels, e.g. labels: ["star", "ring", "grass"].',
        });
      }
      const nameless = { ...generator, name: async (query: CategoryQuery) => unnamed(query) };
      const found = await recipe.run({ ...stages, CategoryGenerator: nameless }, image, unlabelled, run);
      const masks = { image, masks: found.segments.map(({ mask }) => mask) };
      const named = await generator.name({ masks, image, candidates: labels }, run);
      const segments = found.segments.map((segment, i) => {
        const name = named[i];
        return name === undefined ? segment : { ...segment, label: name.name };
      });
      return { ...found, segments };
    },
  });
}

/** Stands in for the recipe's own naming, whose names would be thrown away. */
function unnamed({ embeddings, textEmbeddings, masks }: CategoryQuery) {
  const count = embeddings?.dims[0] ?? textEmbeddings?.dims[0] ?? masks?.masks.length ?? 0;
  return Array.from({ length: count }, () => ({ name: 'thing', score: 1 }));
}
