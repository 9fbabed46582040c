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

const frames = new AsyncLocalStorage<Frame>();

/** Times the stage calls of one run, one entry per slot in the order of first calls. */
export class RunTrace {
  readonly #entries = new Map<SlotName, { stage: TracedStage; ms: number }>();
  readonly #run: number;
  readonly #signal: AbortSignal;
  readonly #emit: EmitEvent;

  constructor(run: number, signal: AbortSignal, emit: EmitEvent) {
    this.#run = run;
    this.#signal = signal;
    this.#emit = emit;
  }

  /**
   * Runs one stage call: checks the signal before it, times it without the stage calls made within it,
   * and names the stage in foreign errors.
   * @throws MaskloomError ABORTED, STAGE_FAILED, or the stage's own
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
    let failed = false;
    this.#emit('stage:start', at);
    const start = performance.now();
    try {
      return await frames.run(frame, () => work(notes));
    } catch (error) {
      failed = true;
      throw asMaskloomError(
        error,
        this.#signal,
        `${what}.${method}`,
        (message) =>
          new MaskloomError('STAGE_FAILED', `Stage ${stage.name} failed in ${method}(): ${message}`, {
            where: what,
            cause: error,
          }),
      );
    } finally {
      const elapsed = performance.now() - start;
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
