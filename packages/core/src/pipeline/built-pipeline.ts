import { asMaskloomError, MaskloomError, onAbort, throwIfAborted } from '@maskloom/masks';
import { EventEmitter } from 'eventemitter3';
import type { FeatureCache } from '../cache/feature-cache.js';
import type { FeatureLease } from '../cache/feature-request.js';
import { checkInstruction } from '../converse/check-instruction.js';
import type { Conversation } from '../converse/conversation.js';
import { Dialogue } from '../converse/dialogue.js';
import { editPrediction } from '../converse/edit-prediction.js';
import {
  isEdit,
  isHistory,
  type ResolvedInstruction,
  type TurnInstruction,
} from '../converse/instruction.js';
import { onlyNew } from '../converse/only-new.js';
import { resolveTurn } from '../converse/resolve-instruction.js';
import type { ImageFrame } from '../domain/image-frame.js';
import { outcomeOf, type Prediction, type SegmentRequest } from '../domain/prediction.js';
import type { ModelHost } from '../ports/model-host.js';
import { recipeId, type AnyRecipe } from '../recipe.js';
import type { SlotName, SlotStages } from '../slots/slot-stages.js';
import type { RunContext, Stage } from '../slots/stage.js';
import { cutInstruction, cutRequest } from './cut-boxes.js';
import { checkRequest } from './check-request.js';
import { emitTo, type EmitEvent } from './emit.js';
import type { PipelineEventMap, PipelineEvents } from './events.js';
import { InOrder } from './in-order.js';
import { jsonSafe } from './json-safe.js';
import type { ConverseOptions, Pipeline, PipelineDescription } from './pipeline.js';
import type { SegmentOptions } from './segment-options.js';
import { RunContexts } from './run-contexts.js';
import { runSignal } from './run-signal.js';
import { RunTrace, type TracedStage } from './run-trace.js';
import { traceStage, type RunWiring } from './trace-stage.js';

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

/** What a run does with the pipeline's stages. */
type Work = (
  stages: Partial<SlotStages>,
  base: RunContext,
) => Promise<Omit<Prediction, 'stages' | 'warnings'>>;

/** The pipeline of {@link PipelineParts}. */
export class BuiltPipeline implements Pipeline {
  readonly id: string;
  readonly recipe: AnyRecipe;
  readonly events: PipelineEvents = new EventEmitter<PipelineEventMap>();
  readonly #parts: PipelineParts;
  readonly #emit: EmitEvent;
  readonly #running = new Set<Promise<unknown>>();
  readonly #order = new InOrder();
  #runs = 0;
  #closed = false;
  #disposal: Promise<void> | undefined;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.recipe = parts.recipe;
    this.id = recipeId(parts.recipe);
    this.#emit = emitTo(this.events);
    // One that stays, so that runs share its listener instead of adding and taking away one each.
    onAbort(parts.lifetime.signal, () => undefined);
  }

  async segment(
    image: ImageFrame,
    request: SegmentRequest,
    options: SegmentOptions = {},
  ): Promise<Prediction> {
    const what = `segment ${this.id}`;
    this.#checkOpen(options, what);
    checkRequest(image, request, this.recipe.tasks, this.id);
    const { system, name } = this.recipe;
    return this.#tracked(what, options, async (stages, base) => {
      const result = await this.recipe.run(stages, image, cutRequest(image, request, base.warn), base);
      const { answer, segments, evidence } = result;
      const outcome = result.refused === true ? 'refused' : outcomeOf({ segments });
      return { system, recipe: name, request, answer, segments, outcome, ...(evidence && { evidence }) };
    });
  }

  async refine(
    image: ImageFrame,
    prediction: Prediction,
    instruction: TurnInstruction,
    options: SegmentOptions = {},
  ): Promise<Prediction> {
    this.#checkOpen(options, `refine ${this.id}`);
    checkInstruction(image, prediction, instruction);
    const resolved = resolveTurn(prediction, instruction);
    if (isHistory(resolved)) {
      throw new MaskloomError(
        'VALUE_INVALID',
        `There is no turn to ${resolved.situation} outside of a conversation.`,
        {
          where: 'instruction.say',
          hint: 'Hold one: pipeline.converse(image).',
        },
      );
    }
    if (isEdit(resolved)) return editPrediction(prediction, resolved);
    return this.#refine(image, prediction, resolved, options);
  }

  #refine(
    image: ImageFrame,
    prediction: Prediction,
    resolved: ResolvedInstruction,
    options: SegmentOptions,
  ): Promise<Prediction> {
    if (this.recipe.stages.Refiner === undefined) {
      throw new MaskloomError('STAGE_MISMATCH', `Recipe ${this.id} has no Refiner.`, {
        where: this.id,
        hint: 'Build a recipe that has one, e.g. refine/concat.',
      });
    }
    return this.#tracked(`refine ${this.id}`, options, async (stages, base) => {
      const { Refiner } = stages;
      if (Refiner === undefined) throw new Error('the Refiner was not built');
      const cut = cutInstruction(image, resolved, base.warn);
      const refined = await Refiner.refine(image, prediction, cut, base, stages);
      const { system, recipe, request } = prediction;
      const { situation, say, box } = resolved;
      const free = situation === 'missed' && box === undefined;
      const segments = free ? onlyNew(refined.segments, prediction.segments) : refined.segments;
      const nothing = free && segments.length === prediction.segments.length;
      if (nothing) base.warn('Nothing was found that is not there already.');
      const segment = refined.refinement?.segment ?? resolved.segment ?? Math.max(0, segments.length - 1);
      const at = Math.min(segment, segments.length - 1);
      const refinement = { by: this.id, situation, say, ...(nothing || at < 0 ? {} : { segment: at }) };
      const { answer } = refined;
      return { system, recipe, request, answer, segments, outcome: outcomeOf({ segments }), refinement };
    });
  }

  converse(image: ImageFrame, options: ConverseOptions = {}): Conversation {
    return new Dialogue(this, image, options);
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

  /** Runs in a way that `close` can wait for, and answers after the runs that were asked for before. */
  #tracked(what: string, options: SegmentOptions, work: Work): Promise<Prediction> {
    return this.#order.answer(
      async () => {
        const run = this.#run(what, options, work);
        this.#running.add(run);
        try {
          return await run;
        } finally {
          this.#running.delete(run);
        }
      },
      options.signal,
      what,
    );
  }

  async #run(what: string, options: SegmentOptions, work: Work): Promise<Prediction> {
    const { models, lifetime, warnings } = this.#parts;
    const { signal, detach } = runSignal(options.signal, lifetime.signal);
    const scope = models.scope();
    const run = ++this.#runs;
    const trace = new RunTrace(run, signal, this.#emit);
    const contexts = new RunContexts(run, signal, scope, this.#emit, warnings);
    const leases: FeatureLease[] = [];
    try {
      const wiring = { trace, contexts, ...this.#leasing(options.cache, leases) };
      const result = await work(this.#wrapped(wiring), contexts.base);
      await trace.settled();
      throwIfAborted(signal, what);
      return Object.freeze({ ...result, stages: trace.stages(), warnings: [...contexts.warnings] });
    } catch (error) {
      throw asMaskloomError(
        error,
        signal,
        what,
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

  #checkOpen({ signal }: SegmentOptions, what: string): void {
    if (this.#closed) throw this.#disposedError();
    throwIfAborted(signal, what);
  }

  #wrapped(wiring: RunWiring): Partial<SlotStages> {
    const entries = this.#parts.stages.map((built): [SlotName, Stage] => [
      built.slot,
      traceStage(built.stage, built, wiring),
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
    await Promise.allSettled(this.#running);
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
