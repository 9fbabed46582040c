import type { Tensor } from '../domain/tensor.js';
import { tensorBytes } from '../domain/tensor-bytes.js';
import type { TensorScope } from '../ports/model-host.js';
import type { RunContext } from '../slots/stage.js';
import type { EmitEvent } from './emit.js';
import type { CallNotes, TracedStage } from './run-trace.js';

/** The contexts of one run: the recipe's own, and one per stage call that names the stage in its events. */
export class RunContexts {
  /** What the recipe gets. */
  readonly base: RunContext;
  /** Warnings of this run, in order, each once. */
  readonly warnings: Set<string>;
  readonly #run: number;
  readonly #emit: EmitEvent;
  readonly #known = new WeakSet<object>();

  constructor(
    run: number,
    signal: AbortSignal,
    scope: TensorScope,
    emit: EmitEvent,
    warnings: readonly string[],
  ) {
    this.#run = run;
    this.#emit = emit;
    this.warnings = new Set(warnings);
    this.base = this.#context(signal, scope, {});
  }

  /** Tells whether a value is a context of this run. */
  owns(value: unknown): value is RunContext {
    return typeof value === 'object' && value !== null && this.#known.has(value);
  }

  /** The context for one stage call made with `caller`'s context; counts the bytes of its tensors. */
  forCall(caller: RunContext, stage: TracedStage, notes: CallNotes): RunContext {
    return this.#context(caller.signal, new CallScope(caller.scope, notes), {
      slot: stage.slot,
      stage: stage.name,
    });
  }

  #context(
    signal: AbortSignal,
    scope: TensorScope,
    at: Pick<Partial<StageAt>, 'slot' | 'stage'>,
  ): RunContext {
    const run = this.#run;
    const context: RunContext = Object.freeze({
      signal,
      scope,
      warn: (message: string) => {
        if (this.warnings.has(message)) return;
        this.warnings.add(message);
        this.#emit('warning', { run, ...at, message });
      },
      progress: (fraction: number, note?: string) => {
        if (!this.#emit.heard('progress')) return;
        this.#emit('progress', {
          run,
          ...at,
          fraction: Math.min(1, Math.max(0, fraction)),
          ...(note === undefined ? {} : { note }),
        });
      },
      show: (text: string) => this.#emit('text', { run, ...at, text }),
      followed: () => this.#emit.heard('progress') || this.#emit.heard('text'),
    });
    this.#known.add(context);
    return context;
  }
}

interface StageAt {
  readonly slot: TracedStage['slot'];
  readonly stage: string;
}

/** The run's scope as one call sees it: tensors belong to the run; `release` gives back only the call's own. */
class CallScope implements TensorScope {
  readonly #run: TensorScope;
  readonly #notes: CallNotes;
  readonly #own = new Set<Tensor>();

  constructor(run: TensorScope, notes: CallNotes) {
    this.#run = run;
    this.#notes = notes;
  }

  own(tensor: Tensor): void {
    this.#notes.bytes += tensorBytes(tensor);
    this.#own.add(tensor);
    this.#run.own(tensor);
  }

  keep(tensor: Tensor): Tensor {
    this.#own.delete(tensor);
    return this.#run.keep(tensor);
  }

  release(): void {
    for (const tensor of this.#own) this.#run.keep(tensor).release();
    this.#own.clear();
  }
}
