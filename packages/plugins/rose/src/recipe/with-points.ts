import { defineRecipe, type Recipe, type StageSpec } from '@maskloom/core';
import type { Link, WiringListsOf } from '@maskloom/llava';
import { roseWiring, type RoseWiring } from './wiring.js';

/** ROSE whose patches suggest points to the mask decoder as well. */
export interface PointedWiring extends Omit<RoseWiring, 'MaskDecoder'> {
  /** Turns the state of each patch that fired into points; it may give none, the embedding is still there. */
  readonly PointPrompter: Link<'query-state' | 'image-states', never>;
  /** Decodes one mask per proposal from its embedding and its points. */
  readonly MaskDecoder: Link<'mask-features' | 'embedding-prompt' | 'point-prompt', 'mask-logits'>;
}

const pointedWiring: WiringListsOf<PointedWiring> = {
  ...roseWiring,
  PointPrompter: { supplies: ['query-state', 'image-states'], demands: [] },
  MaskDecoder: { supplies: ['mask-features', 'embedding-prompt', 'point-prompt'], demands: ['mask-logits'] },
};

/**
 * A ROSE recipe with points as extra prompts, e.g. READ's Similarity as Points: the state of each patch that fired takes
 * the place of the `<SEG>` state. The bundle's weights are the recipe's own and were never trained with points.
 * @param recipe - a recipe of this package
 * @param prompter - makes the points
 * @returns a recipe named after it with `-points`
 */
export function withPoints(
  recipe: Recipe<RoseWiring>,
  prompter: StageSpec<'PointPrompter', 'query-state' | 'image-states'>,
): Recipe<PointedWiring> {
  const { system, name, summary, tasks, stages, bundleRecipe = `${system}/${name}` } = recipe;
  return defineRecipe({
    system,
    name: `${name}-points`,
    summary: `${summary.replace(/\.$/, '')}; points as extra prompts.`,
    tasks,
    wiring: pointedWiring,
    stages: { ...stages, PointPrompter: prompter },
    bundleRecipe,
    // The run prompts with points wherever there is a stage that makes them.
    run: (built, image, request, run) => recipe.run(built, image, request, run),
  });
}
