import { asMaskloomError, MaskloomError, onAbort, throwIfAborted } from '@maskloom/masks';
import { plainContainer } from '../container/plain-container.js';
import { MODEL_HOST, MODEL_SOURCE, pipelineToken, stageToken } from '../container/tokens.js';
import { BuiltPipeline, type BuiltStage } from '../pipeline/built-pipeline.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { Container } from '../ports/container.js';
import type { ModelSource } from '../ports/model-source.js';
import { recipeId } from '../recipe.js';
import type { AnyStageSpec } from '../slots/any-stage.js';
import { slotOf, slotsInOrder } from '../slots/slot-of.js';
import type { BuildContext, Stage } from '../slots/stage.js';
import { checkCalls, checkWatched, checkWidths } from './check-stages.js';
import { checkWiring } from './check-wiring.js';
import type { BuilderState } from './builder-state.js';
import { noModels } from './no-models.js';

/**
 * Builds the pipeline of a builder's state.
 * @throws MaskloomError see `PipelineBuilder.build`
 */
export async function buildPipeline(state: BuilderState, signal: AbortSignal | undefined): Promise<Pipeline> {
  const { recipe, stages } = state;
  const what = `build ${recipeId(recipe)}`;
  checkWiring(recipe, stages);
  throwIfAborted(signal, what);
  const outer = state.container ?? plainContainer();
  const lifetime = new AbortController();
  const detach = onAbort(signal, () => lifetime.abort(signal?.reason));
  const container = outer.child();
  const warnings: string[] = [];
  try {
    const source =
      state.source ?? (container.has(MODEL_SOURCE) ? await container.resolve(MODEL_SOURCE) : noModels);
    const models = await openModels(
      container,
      source,
      recipe.bundleRecipe ?? recipeId(recipe),
      lifetime.signal,
      what,
    );
    const context: BuildContext = {
      models,
      signal: lifetime.signal,
      warn: (message) => void warnings.push(message),
    };
    const built: BuiltStage[] = [];
    for (const { name } of slotsInOrder(Object.values(stages))) {
      const spec = stages[name];
      if (spec === undefined) continue;
      throwIfAborted(lifetime.signal, what);
      built.push(await makeStage(container, spec, context));
    }
    checkWidths(built);
    checkWatched(recipe, built);
    throwIfAborted(signal, what);
    const teardown = (): Promise<void> => container.dispose();
    const pipeline = new BuiltPipeline({
      recipe,
      stages: built,
      models,
      owner: source,
      warnings,
      lifetime,
      teardown,
    });
    // Made last, so closed first, also when a host application disposes of the container above.
    container.bindFactory(pipelineToken(pipeline.id), () => pipeline, { dispose: () => pipeline.close() });
    await container.resolve(pipelineToken(pipeline.id));
    return pipeline;
  } catch (error) {
    // The failure that stopped the build is the one to report, whatever happens while clearing up after it.
    await container.dispose().catch(() => undefined);
    throw error;
  } finally {
    detach();
  }
}

function openModels(
  container: Container,
  source: ModelSource,
  id: string,
  signal: AbortSignal,
  what: string,
) {
  container.bindFactory(
    MODEL_HOST,
    async () => {
      try {
        return await source.open(id, signal);
      } catch (error) {
        throw asMaskloomError(
          error,
          signal,
          what,
          (message) =>
            new MaskloomError('MODEL_LOAD_FAILED', `Models of ${id} could not be opened: ${message}`, {
              where: id,
              cause: error,
            }),
        );
      }
    },
    { dispose: (host) => host.dispose() },
  );
  return container.resolve(MODEL_HOST);
}

async function makeStage(
  container: Container,
  spec: AnyStageSpec,
  context: BuildContext,
): Promise<BuiltStage> {
  const { slot, name, options } = spec;
  const where = `${slot} ${name}`;
  const token = stageToken(slot);
  container.bindFactory<Stage>(
    token,
    async () => {
      try {
        return await spec.create(context);
      } catch (error) {
        throw asMaskloomError(
          error,
          context.signal,
          `create ${where}`,
          (message) =>
            new MaskloomError('STAGE_FAILED', `Stage ${name} could not be made: ${message}`, {
              where,
              cause: error,
            }),
        );
      }
    },
    { dispose: (stage) => stage.dispose?.() },
  );
  const stage: Stage = await container.resolve(token);
  const built = { slot, kind: slotOf(spec), name, stage, options, device: () => stage.device ?? 'js' };
  checkCalls(built);
  return built;
}
