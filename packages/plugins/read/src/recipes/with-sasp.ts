import {
  MaskloomError,
  recipeId,
  type BuiltStages,
  type DemandedOf,
  type ImageFrame,
  type Recipe,
  type RecipeResult,
  type RunContext,
  type SegmentRequest,
  type Signal,
  type SlotName,
  type SuppliedTo,
  type Wiring,
} from '@maskloom/core';
import type { EmbeddingAndPointsWiring, Link } from '@maskloom/llava';
import { similarityAsPoints, type SimilarityAsPointsOptions } from '../prompters/similarity-as-points.js';
import { interceptSeg, type InterceptedStages } from './intercept-seg.js';

/** What a `<SEG>` recipe must have for points to be put over it. */
export type SegLikeWiring = Wiring &
  Record<'LanguageModel' | 'QueryProjector' | 'MaskDecoder', Link<Signal, Signal>>;

/** A `<SEG>` recipe's wiring with a point prompter added, its points reaching the mask decoder. */
export type WithPoints<W extends SegLikeWiring> = Extract<
  {
    readonly [K in (keyof W & SlotName) | 'PointPrompter']: K extends 'PointPrompter'
      ? EmbeddingAndPointsWiring['PointPrompter']
      : Link<
          SuppliedTo<W, K> | (K extends 'MaskDecoder' ? 'point-prompt' : never),
          DemandedOf<W, K> | (K extends 'LanguageModel' ? 'image-states' : never)
        >;
  },
  Wiring
>;

/** Options of Similarity as Points, and the new recipe's name. */
export interface WithSasPOptions extends SimilarityAsPointsOptions {
  /** The new recipe's name; the original's with `-sasp` when absent. */
  readonly name?: string;
}

/**
 * Puts Similarity as Points over any `<SEG>` recipe: every mask prompt that carries the embedding of a `<SEG>`
 * also gets the points of that `<SEG>`'s similarity map. The recipe itself is not changed and is not imported:
 * it can come from any package. Its models are used as they are trained; no retraining is implied.
 *
 * @example
 * const lisaWithPoints = withSasP(single, { preset: 'read-7b' });
 * @param recipe - has the slots LanguageModel, QueryProjector and MaskDecoder, and no PointPrompter
 * @returns a recipe `system/name-sasp` that takes its models from the original's entry in the bundle
 * @throws MaskloomError `SLOT_UNKNOWN` when a slot is missing or points are there already, `OPTION_INVALID`
 */
export function withSasP<W extends SegLikeWiring>(
  recipe: Recipe<W>,
  options: WithSasPOptions = {},
): Recipe<WithPoints<W>> {
  const { name = `${recipe.name}-sasp`, ...sasp } = options;
  const id = recipeId(recipe);
  const slots: Readonly<
    Record<string, { readonly supplies: readonly Signal[]; readonly demands: readonly Signal[] } | undefined>
  > = recipe.wiring;
  const { LanguageModel, QueryProjector, MaskDecoder, PointPrompter } = slots;
  if (LanguageModel === undefined || QueryProjector === undefined || MaskDecoder === undefined) {
    throw new MaskloomError(
      'SLOT_UNKNOWN',
      `Similarity as Points cannot be put over ${id}: it is not a <SEG> recipe.`,
      {
        where: id,
        hint: 'It needs the slots LanguageModel, QueryProjector and MaskDecoder.',
      },
    );
  }
  if (PointPrompter !== undefined) {
    throw new MaskloomError('SLOT_UNKNOWN', `${id} has a PointPrompter already.`, {
      where: id,
      hint: 'Swap it: compose(recipe).with(PointPrompter, similarityAsPoints(...)).',
    });
  }
  const wiring = {
    ...slots,
    LanguageModel: { supplies: LanguageModel.supplies, demands: [...LanguageModel.demands, 'image-states'] },
    PointPrompter: { supplies: ['query-state', 'image-states'], demands: [] },
    MaskDecoder: { supplies: [...MaskDecoder.supplies, 'point-prompt'], demands: MaskDecoder.demands },
  };
  const run = (
    built: BuiltStages<WithPoints<W>>,
    image: ImageFrame,
    request: SegmentRequest,
    context: RunContext,
  ): Promise<RecipeResult> =>
    recipe.run(
      interceptSeg(built as unknown as InterceptedStages) as unknown as BuiltStages<W>,
      image,
      request,
      context,
    );
  const extended = {
    ...recipe,
    name,
    summary: `${recipe.summary.replace(/\.$/, '')}, with Similarity as Points.`,
    bundleRecipe: recipe.bundleRecipe ?? id,
    wiring: Object.freeze(wiring),
    stages: Object.freeze({ ...recipe.stages, PointPrompter: similarityAsPoints(sasp) }),
    run,
  };
  // The added slot and signals are spelled out in WithPoints; the compiler cannot follow a spread of a generic.
  return Object.freeze(extended) as unknown as Recipe<WithPoints<W>>;
}
