import { asMaskloomError, MaskloomError, throwIfAborted } from '@maskloom/masks';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { StageTrace } from '../domain/prediction.js';
import type { SlotName } from '../slots/slot-stages.js';
import type { Slot } from '../slots/slot-value.js';
import type { EmitEvent } from './emit.js';

/** A stage as far as tracing goes. */
export interface TracedStage {
  readonly slot: SlotName;
  /** The slot itself. */
  readonly kind: Slot<SlotName>;
  readonly name: string;
  /** Read at each call: a stage may know its device only after its first run. */
  readonly device: () => string;
}

/** What one call found out, for its end event. */
export interface CallNotes {
  bytes: number;
  cached: boolean;
}

interface Frame {
  readonly trace: RunTrace;
  childMs: number;
}

/** A call as those that begin after it see it. */
interface Call {
  /** When it ended, in milliseconds of `performance.now()`. */
  ended?: number;
  /** Of a result that is used before its model has made it: resolves when it is there or never will be. */
  settled?: Promise<void>;
  /** Why it never will be. */
  failure?: Error;
}

const frames = new AsyncLocalStorage<Frame>();

/** Times the stage calls of one run, one entry per slot in the order of first calls. */
export class RunTrace {
  readonly #entries = new Map<SlotName, { stage: TracedStage; ms: number }>();
  readonly #run: number;
  readonly #signal: AbortSignal;
  readonly #emit: EmitEvent;
  /** Calls that have not ended, and those whose result never came. */
  readonly #open = new Set<Call>();

  constructor(run: number, signal: AbortSignal, emit: EmitEvent) {
    this.#run = run;
    this.#signal = signal;
    this.#emit = emit;
  }

  /**
   * Runs one stage call: checks the signal before it, times it without the stage calls made within it,
   * and names the stage in foreign errors. A call whose result has yet to be made ({@link FeatureMap.ready}) ends when it is.
   * Calls may overlap: one is timed from the end of the last that began before it and ended before it.
   * @throws MaskloomError ABORTED, STAGE_FAILED, or the stage's own, or that of a call whose result it was given
   */
  async call<T>(stage: TracedStage, method: string, work: (notes: CallNotes) => T | Promise<T>): Promise<T> {
    const what = `${stage.slot} ${stage.name}`;
    throwIfAborted(this.#signal, `${what}.${method}`);
    const entry = this.#entries.get(stage.slot) ?? { stage, ms: 0 };
    this.#entries.set(stage.slot, entry);
    const at = { run: this.#run, slot: stage.slot, stage: stage.name };
    const parent = frames.getStore();
    const frame: Frame = { trace: this, childMs: 0 };
    const notes: CallNotes = { bytes: 0, cached: false };
    const before = [...this.#open];
    const call: Call = {};
    this.#open.add(call);
    this.#emit('stage:start', at);
    const start = performance.now();
    const end = (failed: boolean): void => {
      const now = performance.now();
      call.ended = now;
      this.#open.delete(call);
      const waited = before.map(({ ended }) => ended ?? start);
      const elapsed = now - Math.max(start, ...waited);
      const ms = Math.max(0, elapsed - frame.childMs);
      entry.ms += ms;
      if (parent?.trace === this) parent.childMs += elapsed;
      if (this.#emit.heard('stage:end'))
        this.#emit('stage:end', {
          ...at,
          ms,
          device: stage.device(),
          ...(notes.bytes > 0 ? { bytes: notes.bytes } : {}),
          ...(notes.cached ? { cached: true } : {}),
          ...(failed ? { failed } : {}),
        });
    };
    const named = (error: unknown): Error =>
      asMaskloomError(
        error,
        this.#signal,
        `${what}.${method}`,
        (message) =>
          new MaskloomError('STAGE_FAILED', `Stage ${stage.name} failed in ${method}(): ${message}`, {
            where: what,
            cause: error,
          }),
      );
    let result: T;
    try {
      result = await frames.run(frame, () => work(notes));
    } catch (error) {
      end(true);
      throw before.find(({ failure }) => failure !== undefined)?.failure ?? named(error);
    }
    const ready = readyOf(result);
    if (ready === undefined) end(false);
    else
      call.settled = ready.then(
        () => end(false),
        (error: unknown) => {
          end(true);
          call.failure = named(error);
          this.#open.add(call);
        },
      );
    return result;
  }

  /**
   * Waits for what is still being made, whether or not it was used.
   * @throws MaskloomError of the first that failed
   */
  async settled(): Promise<void> {
    for (const call of this.#open) {
      await call.settled;
      if (call.failure !== undefined) throw call.failure;
    }
  }

  /** The run's stages so far. */
  stages(): readonly StageTrace[] {
    return [...this.#entries.values()].map(({ stage, ms }) => ({
      slot: stage.slot,
      stage: stage.name,
      ms,
      device: stage.device(),
    }));
  }
}

function readyOf(result: unknown): Promise<void> | undefined {
  return typeof result === 'object' && result !== null && 'ready' in result && result.ready instanceof Promise
    ? (result.ready as Promise<void>)
    : undefined;
}
