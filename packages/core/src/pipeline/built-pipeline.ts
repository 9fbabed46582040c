import { EventEmitter } from 'eventemitter3';
import type { FeatureCache, FeatureLease } from '../cache/feature-cache.js';
import type { ImageFrame } from '../domain/image-frame.js';
import type { Prediction, SegmentRequest } from '../domain/prediction.js';
import { asMaskloomError, throwIfAborted } from '../errors/aborted.js';
import { MaskloomError } from '../errors/maskloom-error.js';
import type { ModelHost } from '../ports/model-host.js';
import { recipeId, type AnyRecipe } from '../recipe.js';
import type { SlotName, SlotStages } from '../slots/slot.js';
import type { Stage } from '../slots/stage.js';
import { checkRequest } from './check-request.js';
import { emitTo, type EmitEvent } from './emit.js';
import type { PipelineEventMap, PipelineEvents } from './events.js';
import { jsonSafe } from './json-safe.js';
import type { Pipeline, PipelineDescription, SegmentOptions } from './pipeline.js';
import { RunContexts } from './run-contexts.js';
import { runSignal } from './run-signal.js';
import { RunTrace, type TracedStage } from './run-trace.js';
import { wrapStage, type RunWiring } from './wrap-stage.js';

/** One built stage and what it was built from. */
export interface BuiltStage extends TracedStage {
  readonly stage: Stage;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What the builder hands to a pipeline. */
export interface PipelineParts {
  readonly recipe: AnyRecipe;
  readonly stages: readonly BuiltStage[];
  readonly models: ModelHost;
  /** Tensors may be shared between pipelines with the same owner. */
  readonly owner: object;
  readonly warnings: readonly string[];
  /** Aborted when the pipeline is disposed of; the build context carries its signal. */
  readonly lifetime: AbortController;
  /** Disposes of stages and models. */
  readonly teardown: () => Promise<void>;
}

/** The pipeline of {@link PipelineParts}. */
export class BuiltPipeline implements Pipeline {
  readonly id: string;
  readonly recipe: AnyRecipe;
  readonly events: PipelineEvents = new EventEmitter<PipelineEventMap>();
  readonly #parts: PipelineParts;
  readonly #emit: EmitEvent;
  readonly #running = new Set<Promise<unknown>>();
  #runs = 0;
  #closed = false;
  #disposal: Promise<void> | undefined;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.recipe = parts.recipe;
    this.id = recipeId(parts.recipe);
    this.#emit = emitTo(this.events);
  }

  async segment(
    image: ImageFrame,
    request: SegmentRequest,
    options: SegmentOptions = {},
  ): Promise<Prediction> {
    if (this.#closed) throw this.#disposedError();
    throwIfAborted(options.signal, `segment ${this.id}`);
    checkRequest(image, request, this.recipe.tasks, this.id);
    const work = this.#run(++this.#runs, image, request, options);
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    this.#running.add(settled);
    try {
      return await work;
    } finally {
      this.#running.delete(settled);
    }
  }

  describe(): PipelineDescription {
    const { recipe, models, stages, warnings } = this.#parts;
    return {
      id: this.id,
      system: recipe.system,
      recipe: recipe.name,
      summary: recipe.summary,
      tasks: [...recipe.tasks],
      bundle: models.bundle,
      bundleRecipe: recipe.bundleRecipe ?? this.id,
      stages: stages.map(({ slot, name, options, device, stage }) => ({
        slot,
        stage: name,
        options: jsonSafe(options),
        device: device(),
        ...(stage.widths === undefined ? {} : { widths: { ...stage.widths } }),
      })),
      warnings: [...warnings],
    };
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #run(
    run: number,
    image: ImageFrame,
    request: SegmentRequest,
    options: SegmentOptions,
  ): Promise<Prediction> {
    const { recipe, models, lifetime, warnings } = this.#parts;
    const { signal, detach } = runSignal(options.signal, lifetime.signal);
    const scope = models.scope();
    const trace = new RunTrace(run, signal, this.#emit);
    const contexts = new RunContexts(run, signal, scope, this.#emit, warnings);
    const leases: FeatureLease[] = [];
    try {
      const wiring = { trace, contexts, ...this.#leasing(options.cache, leases) };
      const result = await recipe.run(this.#wrapped(wiring), image, request, contexts.base);
      throwIfAborted(signal, `segment ${this.id}`);
      return Object.freeze({
        system: recipe.system,
        recipe: recipe.name,
        request,
        answer: result.answer,
        segments: result.segments,
        ...(result.evidence === undefined ? {} : { evidence: result.evidence }),
        stages: trace.stages(),
        warnings: [...contexts.warnings],
      });
    } catch (error) {
      throw asMaskloomError(
        error,
        signal,
        `segment ${this.id}`,
        (message) =>
          new MaskloomError('STAGE_FAILED', `Recipe ${this.id} failed between its stages: ${message}`, {
            where: this.id,
            cause: error,
          }),
      );
    } finally {
      for (const lease of leases) lease.release();
      scope.release();
      detach();
    }
  }

  #wrapped(wiring: RunWiring): Partial<SlotStages> {
    const entries = this.#parts.stages.map((built): [SlotName, Stage] => [
      built.slot,
      wrapStage(built.stage, built, wiring),
    ]);
    return Object.fromEntries(entries) as Partial<SlotStages>;
  }

  #leasing(cache: FeatureCache | undefined, leases: FeatureLease[]): Pick<RunWiring, 'lease'> {
    if (cache === undefined) return {};
    const { owner } = this.#parts;
    return {
      lease: async (request) => {
        const lease = await cache.acquire({ ...request, owner });
        leases.push(lease);
        return lease;
      },
    };
  }

  /** Takes no more runs, aborts those in flight and awaits their end. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#parts.lifetime.abort(this.#disposedError());
    await Promise.all(this.#running);
  }

  async #dispose(): Promise<void> {
    try {
      await this.close();
      await this.#parts.teardown();
    } finally {
      this.events.removeAllListeners();
    }
  }

  #disposedError(): MaskloomError {
    return new MaskloomError('DISPOSED', `Pipeline ${this.id} has been disposed of.`, {
      where: this.id,
      hint: 'Build a new one.',
    });
  }
}
