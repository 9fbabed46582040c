import { availableParallelism } from 'node:os';
import { aborted, throwIfAborted } from '../../aborted.js';
import { DecoderProcess } from './decoder-process.js';
import type { Frame } from './frame-reader.js';
import type { DecodeReply, DecodeRequest } from './messages.js';

/** The picture was not decoded in its time. */
export class DecoderLate extends Error {}

/** Limits of one request. */
export interface DecodeLimits {
  /** From the moment a process takes the picture, in milliseconds. */
  readonly timeoutMs: number;
  /** Gives up at once: the process that holds the picture is ended. */
  readonly signal: AbortSignal | undefined;
}

/** A process without work is kept this long: starting one takes about 0.15 s. */
const IDLE_MS = 10_000;

interface Waiting {
  readonly turn: () => void;
}

/**
 * Processes that decode pictures, started when they are needed, kept while pictures come, ended with what does not end by
 * itself.
 */
export class DecoderPool {
  readonly #most: number;
  readonly #script: URL;
  readonly #idle = new Map<DecoderProcess, NodeJS.Timeout>();
  readonly #waiting = new Set<Waiting>();
  #busy = 0;

  /**
   * @param most - processes at a time
   * @param script - the compiled entry of such a process
   */
  constructor(
    most = Math.min(4, availableParallelism()),
    script = new URL('./decoder-child.js', import.meta.url),
  ) {
    this.#most = most;
    this.#script = script;
  }

  /**
   * Has a picture decoded.
   * @throws DecoderLate, DecoderEnded; MaskloomError ABORTED
   */
  async decode(request: DecodeRequest, bytes: Uint8Array, limits: DecodeLimits): Promise<Frame<DecodeReply>> {
    await this.#turn(limits.signal);
    const decoder = this.#take();
    try {
      return await within(decoder, decoder.ask(request, bytes), limits);
    } finally {
      if (decoder.usable) this.#keep(decoder);
      this.#busy--;
      for (const next of this.#waiting) {
        next.turn();
        break;
      }
    }
  }

  /** Waits until a process may work on this picture, and counts it. */
  async #turn(signal: AbortSignal | undefined): Promise<void> {
    while (this.#busy >= this.#most) {
      await new Promise<void>((resolve) => {
        const waiting = { turn: done };
        const pool = this.#waiting;
        function done(): void {
          pool.delete(waiting);
          signal?.removeEventListener('abort', done);
          resolve();
        }
        pool.add(waiting);
        signal?.addEventListener('abort', done);
      });
      throwIfAborted(signal);
    }
    throwIfAborted(signal);
    this.#busy++;
  }

  #take(): DecoderProcess {
    for (const [decoder, timer] of [...this.#idle].toReversed()) {
      clearTimeout(timer);
      this.#idle.delete(decoder);
      if (decoder.usable) return decoder;
    }
    return new DecoderProcess(this.#script);
  }

  #keep(decoder: DecoderProcess): void {
    const timer = setTimeout(() => {
      this.#idle.delete(decoder);
      decoder.kill();
    }, IDLE_MS).unref();
    this.#idle.set(decoder, timer);
  }
}

async function within<T>(decoder: DecoderProcess, answer: Promise<T>, limits: DecodeLimits): Promise<T> {
  const { timeoutMs, signal } = limits;
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => undefined;
  const given = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DecoderLate()), timeoutMs);
    stop = () => reject(aborted(signal));
    signal?.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([answer, given]);
  } catch (error) {
    decoder.kill();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    answer.catch(() => undefined);
  }
}
