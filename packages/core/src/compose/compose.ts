import type { Container } from '../ports/container.js';
import type { ModelSource } from '../ports/model-source.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { AnyRecipe, AnyWiring, DemandedOf, Recipe, SuppliedTo, Wiring } from '../recipe.js';
import type { AnyStageSpec } from '../slots/any-stage.js';
import type { Slot } from '../slots/slot-value.js';
import type { SlotName } from '../slots/slot-stages.js';
import type { StageSpec } from '../slots/spec.js';
import type { BuilderState } from './builder-state.js';
import { checkWiring, type ChosenStages } from './check-wiring.js';

/** How a pipeline is built. */
export interface BuildOptions {
  /** Abandons the build. */
  readonly signal?: AbortSignal;
}

/** A recipe on its way to a pipeline. Immutable: every method but `build` gives a new builder. */
export interface PipelineBuilder<W extends Wiring> {
  /** The recipe with the stages chosen so far. */
  readonly recipe: AnyRecipe;
  /**
   * Swaps the stage of one slot. A compile error where the recipe's types show that the stage does not fit;
   * otherwise checked by `build()`.
   */
  with<K extends keyof W & SlotName>(
    slot: Pick<Slot<K>, 'name'>,
    spec: NoInfer<StageSpec<K, SuppliedTo<W, K>, DemandedOf<W, K>>>,
  ): PipelineBuilder<W>;
  /** Says where models come from, e.g. `onnx({ bundle, device })` of the runtime package. */
  on(source: ModelSource): PipelineBuilder<W>;
  /** Puts the pipeline's container under a host application's. */
  using(container: Container): PipelineBuilder<W>;
  /**
   * Compares wiring and stages without opening anything.
   * @throws MaskloomError SLOT_UNKNOWN, STAGE_MISMATCH
   */
  check(): void;
  /**
   * Checks the wiring, opens models, makes the stages and compares their widths. On failure everything opened
   * is disposed of, last first.
   * @throws MaskloomError SLOT_UNKNOWN, STAGE_MISMATCH, STAGE_FAILED, ABORTED, and those of the model source
   */
  build(options?: BuildOptions): Promise<Pipeline>;
}

/**
 * Starts a pipeline from a recipe.
 *
 * @example
 * await using pipeline = await compose(readFull).with(PointPrompter, topKPoints()).on(onnx({ bundle })).build();
 * @param recipe - a recipe value of a plugin, or one found in a registry (checked at `build()` only)
 */
export function compose<W extends Wiring>(recipe: Recipe<W>): PipelineBuilder<W>;
export function compose(recipe: AnyRecipe): PipelineBuilder<AnyWiring>;
export function compose(recipe: AnyRecipe): PipelineBuilder<AnyWiring> {
  return builder({ recipe, stages: recipe.stages as ChosenStages });
}

function builder(state: BuilderState): PipelineBuilder<AnyWiring> {
  const recipe = Object.freeze({ ...state.recipe, stages: Object.freeze({ ...state.stages }) }) as AnyRecipe;
  return Object.freeze({
    recipe,
    with: (slot: Slot<SlotName>, spec: AnyStageSpec) =>
      builder({ ...state, stages: { ...state.stages, [slot.name]: spec } }),
    on: (source: ModelSource) => builder({ ...state, source }),
    using: (container: Container) => builder({ ...state, container }),
    check: () => checkWiring(recipe, state.stages),
    build: (options: BuildOptions = {}) => build({ ...state, recipe }, options),
  }) as PipelineBuilder<AnyWiring>;
}

/** What a built pipeline needs, conversations and their schema among it, is read when a first one is built. */
async function build(state: BuilderState, { signal }: BuildOptions): Promise<Pipeline> {
  const { buildPipeline } = await import('./build-pipeline.js');
  return buildPipeline(state, signal);
}
