import { Worker } from 'node:worker_threads';
import { MaskloomError, onAbort } from '@maskloom/core';
import { NativeGate, guardExit, unguardExit } from './native-gate.js';
import { noTelemetry } from './no-telemetry.js';
import type { Answers, FromWorker, Operation, Requests, ToWorker } from './protocol.js';

/** After so long without a call the worker is told of tensors that nobody needs, and does not keep the process alive. */
const REST_AFTER_MS = 20;

interface Pending {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
  /** Told of the tokens of a decoding. */
  readonly onToken: ((id: number) => void) | undefined;
}

/** A worker's own failure to do what it was asked; the caller gives it a code. */
export class WorkerRefusal extends Error {
  /** @param at - place of the model call that failed in its message */
  constructor(
    message: string,
    readonly at = 0,
  ) {
    super(message);
  }
}

/**
 * The wire to one worker thread: numbered calls, their answers, and its end. Soon after the last answer
 * the thread does not keep the process alive.
 */
export class WorkerLink {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #gate = new NativeGate();
  readonly #onEnd: (error: MaskloomError) => void;
  /** Tensors that the worker can give back, not told yet. */
  #toRelease: number[] = [];
  /** Kept and set again: one timer for many calls. */
  #rest: NodeJS.Timeout | undefined;
  #resting = true;
  #nextCall = 1;
  #ended: MaskloomError | undefined;

  /**
   * @param script - the worker's script
   * @param onEnd - called once when the thread ends by itself, with WORKER_CRASHED
   */
  constructor(script: URL, onEnd: (error: MaskloomError) => void) {
    this.#onEnd = onEnd;
    noTelemetry();
    // No inherited flags: a loader or an inspector meant for the host program does not belong here.
    this.#worker = new Worker(script, {
      name: 'maskloom-engine',
      execArgv: [],
      workerData: this.#gate.memory,
    });
    guardExit(this.#gate);
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (cause) => this.#end('failed', cause));
    this.#worker.on('exit', (code) => {
      unguardExit(this.#gate);
      this.#end(`ended with code ${code}`);
    });
    this.#worker.unref();
  }

  /** Asks and waits for the answer. Rejects with {@link WorkerRefusal}, or a MaskloomError when the thread ends. */
  call<O extends Operation>(
    op: O,
    request: Requests[O],
    transfer: ArrayBuffer[] = [],
    { onToken, signal }: { readonly onToken?: (id: number) => void; readonly signal?: AbortSignal } = {},
  ): Promise<Answers[O]> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const call = this.#nextCall++;
    const answer = new Promise<Answers[O]>((resolve, reject) => {
      this.#pending.set(call, { resolve, reject, onToken });
      if (this.#resting) this.#worker.ref();
      this.#resting = false;
      this.#post({ op, call, ...request } as ToWorker, transfer);
    });
    if (signal === undefined) return answer;
    return answer.finally(
      onAbort(signal, () => this.#pending.has(call) && this.#post({ op: 'cancel', call })),
    );
  }

  /**
   * Lets the worker give a tensor back: with the next call, or by itself when none is made soon. Each message wakes the other
   * thread, which costs more than what most messages ask for.
   */
  release(tensor: number): void {
    if (this.#toRelease.push(tensor) === 1) this.#restSoon();
  }

  #restSoon(): void {
    this.#rest ??= setTimeout(() => {
      if (this.#toRelease.length > 0 && this.#ended === undefined) this.#post({ op: 'release' });
      if (this.#pending.size > 0 || this.#resting) return;
      this.#resting = true;
      this.#worker.unref();
    }, REST_AFTER_MS).unref();
    this.#rest.refresh();
  }

  #post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    const release = this.#toRelease;
    this.#toRelease = [];
    this.#worker.postMessage(release.length > 0 ? { ...message, release } : message, transfer);
  }

  /** Lets the worker answer what was asked, then give everything back and end. No call is taken from now on. */
  async shutdown(): Promise<void> {
    if (this.#ended !== undefined) return;
    const exit = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    const answered = this.call('shutdown', {}).catch(() => null);
    // From here the end of the thread is no crash. It ends by itself: its port is closed.
    this.#ended = new MaskloomError('DISPOSED', 'the engine was disposed');
    await answered;
    this.#worker.ref();
    clearTimeout(this.#rest);
    await exit;
  }

  #receive(message: FromWorker): void {
    const pending = this.#pending.get(message.call);
    if (pending === undefined) return;
    if ('token' in message) {
      pending.onToken?.(message.token);
      return;
    }
    this.#pending.delete(message.call);
    if (this.#pending.size === 0) this.#restSoon();
    if ('failure' in message) pending.reject(new WorkerRefusal(message.failure, message.at));
    else pending.resolve(message.answer as never);
  }

  #end(how: string, cause?: unknown): void {
    const expected = this.#ended !== undefined;
    this.#ended ??= new MaskloomError('WORKER_CRASHED', `the worker thread that runs the models ${how}`, {
      hint: 'Open the pipeline again; a fresh worker starts.',
      cause,
    });
    for (const pending of this.#pending.values()) pending.reject(this.#ended);
    this.#pending.clear();
    if (!expected) this.#onEnd(this.#ended);
  }
}
