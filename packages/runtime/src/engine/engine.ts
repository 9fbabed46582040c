import { fedOnwards, MaskloomError } from '@maskloom/core';
import type { ChainedOutput, Device, Feed, GreedyAnswer, GreedyRequest } from '@maskloom/core';
import { throwIfAborted } from '../aborted.js';
import { CallQueue } from './call-queue.js';
import { pinFeeds, prepareFeeds } from './feeds.js';
import type { Requests, SessionSettings, WireCall, WireSession, WireTensor, WireValues } from './protocol.js';
import { WorkerLink, WorkerRefusal } from './worker-link.js';
import { WorkerTensor } from './worker-tensor.js';

/** How an engine behaves. */
export interface EngineOptions {
  readonly device: Device;
  /** Model calls that may wait. */
  readonly maxQueue: number;
  /** The worker's script; the package's own when absent. */
  readonly script?: URL;
  /** Called when the last tensor in the worker was given back. */
  readonly onIdle?: () => void;
}

/** One model call, by the names of the model's file. */
export interface EngineCall {
  readonly session: number;
  /** The model's id, for errors. */
  readonly model: string;
  /** Values are copied. */
  readonly feeds: Readonly<Record<string, Feed | ChainedOutput>>;
  /** Outputs wanted; all when undefined. */
  readonly outputs: readonly string[] | undefined;
  /** Outputs whose values come along; none when absent. */
  readonly read?: readonly string[];
  /** Outputs of which only the first so many along the second axis are kept. */
  readonly first?: Readonly<Record<string, number>>;
  /** Numbers from {@link Engine.number} for outputs. */
  readonly numbers?: Readonly<Record<string, number>>;
}

/** What ONNX Runtime says of a model that this device has no code for, and of one without its weights. */
const NO_KERNEL: readonly (readonly [RegExp, string])[] = [
  [
    /No Op registered|not a registered function|Could not find an implementation|NOT_IMPLEMENTED|is not supported/i,
    'This device cannot compute weights of this form: take another (fp32, fp16), or --device cpu.',
  ],
  [
    /external (?:data|initializer)|out of bounds|file size|end of file/i,
    'The weights beside the graph are missing or cut short: fetch or export the bundle again.',
  ],
];

/** Two: the next call's inputs are with the worker before the one in flight ends. */
const AHEAD = 2;

/** One device: the worker thread that owns it, with every session on it and their tensors. */
export class Engine {
  readonly device: Device;
  readonly #link: WorkerLink;
  readonly #queue: CallQueue;
  readonly #onIdle: () => void;
  #live = 0;
  #ahead = 0;
  #failure: MaskloomError | undefined;
  #disposal: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    this.device = options.device;
    this.#onIdle = options.onIdle ?? (() => undefined);
    this.#queue = new CallQueue(AHEAD, options.maxQueue);
    this.#link = new WorkerLink(options.script ?? new URL('./worker.js', import.meta.url), (error) =>
      this.#fail(error),
    );
  }

  /** False once the thread ended or is being ended. */
  get usable(): boolean {
    return this.#failure === undefined;
  }

  /**
   * Opens a model file.
   * @throws MaskloomError MODEL_LOAD_FAILED, WORKER_CRASHED, DISPOSED.
   */
  async open(path: string, settings: Omit<SessionSettings, 'device'>): Promise<WireSession> {
    this.#check();
    const request = { path, settings: { ...settings, device: this.device } };
    return this.#link.call('open', request).catch((cause: unknown) => {
      throw coded(
        'MODEL_LOAD_FAILED',
        `the model cannot be opened on ${this.device}`,
        path,
        cause,
        NO_KERNEL,
      );
    });
  }

  /**
   * Writes a model as ONNX Runtime simplifies it for this machine's CPU.
   * @param to - path of the file to write
   * @throws Error as the worker says it; WORKER_CRASHED, DISPOSED
   */
  async simplify(from: string, to: string): Promise<void> {
    this.#check();
    await this.#link.call('simplify', { from, to });
  }

  /**
   * Runs a session once; outputs stay in the worker.
   * @param inputs - copied when they are values of this thread
   * @throws MaskloomError as {@link Engine.runAll}
   */
  async run(
    session: number,
    model: string,
    inputs: Readonly<Record<string, Feed>>,
    outputs: readonly string[] | undefined,
    signal: AbortSignal | undefined,
    read: readonly string[] = [],
  ): Promise<readonly WireTensor[]> {
    const [wires] = await this.runAll([{ session, model, feeds: inputs, outputs, read }], signal);
    return wires ?? [];
  }

  /**
   * Runs sessions one after the other in one message; a call may be fed what those before it gave.
   * @throws MaskloomError MODEL_RUN_FAILED, ABORTED, TENSOR_RELEASED, WORKER_CRASHED, DISPOSED.
   */
  async runAll(
    calls: readonly EngineCall[],
    signal: AbortSignal | undefined,
  ): Promise<readonly (readonly WireTensor[])[]> {
    this.#check();
    const { numbers, unpin } = pinFeeds(
      this,
      calls.map(({ feeds }) => feeds),
    );
    let entered = false;
    try {
      const turn = this.#queue.enter(signal);
      if (turn !== undefined) await turn;
      entered = true;
      const transfer: ArrayBuffer[] = [];
      const wires: WireCall[] = [];
      for (const [at, { session, feeds, outputs, read = [], first, numbers: given }] of calls.entries()) {
        const onwards = fedOnwards(calls, at);
        const prepared = prepareFeeds(feeds, numbers, transfer);
        wires.push({
          session,
          feeds: prepared instanceof Promise ? await prepared : prepared,
          outputs,
          onwards,
          read,
          ...(first && { first }),
          ...(given && { numbers: given }),
        });
      }
      throwIfAborted(signal);
      this.#check();
      // Behind another it can still be called off.
      const behind = signal !== undefined && this.#queue.active > 1 ? { signal } : {};
      return await this.#link.call('run', { calls: wires }, transfer, behind);
    } catch (cause) {
      if (cause instanceof WorkerRefusal) throwIfAborted(signal);
      const failed = calls[cause instanceof WorkerRefusal ? cause.at : 0];
      throw coded('MODEL_RUN_FAILED', 'the model call failed', failed?.model ?? this.device, cause);
    } finally {
      if (entered) this.#queue.leave();
      unpin();
    }
  }

  /**
   * Decodes greedily in the worker. It stands in no line: other calls take their turns between its tokens.
   * @throws MaskloomError as {@link Engine.runAll}
   */
  async greedy(
    model: string,
    request: Omit<Requests['greedy'], 'feeds' | 'told'>,
    inputs: Readonly<Record<string, Feed>>,
    { onToken, onlyWatched, signal }: Pick<GreedyRequest, 'onToken' | 'onlyWatched' | 'signal'>,
  ): Promise<GreedyAnswer> {
    this.#check();
    const { numbers, unpin } = pinFeeds(this, [inputs]);
    try {
      // It would be sent before a call that still waits in line.
      await Promise.all([...numbers.keys()].map((tensor) => tensor instanceof WorkerTensor && tensor.ready));
      const transfer: ArrayBuffer[] = [];
      const feeds = await prepareFeeds(inputs, numbers, transfer);
      throwIfAborted(signal);
      this.#check();
      const told = onToken === undefined ? 'none' : onlyWatched === true ? 'watched' : 'every';
      const asked = { ...(onToken && { onToken }), ...(signal && { signal }) };
      const answer = await this.#link.call('greedy', { ...request, feeds, told }, transfer, asked);
      // The worker may have written its last token before it heard.
      throwIfAborted(signal);
      return answer;
    } catch (cause) {
      throwIfAborted(signal);
      this.#check();
      throw coded('MODEL_RUN_FAILED', 'the model call failed', model, cause);
    } finally {
      unpin();
    }
  }

  /** The values of a tensor, copied to this thread. */
  async read(tensor: number): Promise<WireValues> {
    this.#check();
    return this.#link.call('read', { tensor }).catch((cause: unknown) => {
      throw coded('MODEL_RUN_FAILED', 'a tensor cannot be read', this.device, cause);
    });
  }

  /** A number for an output that a call will give: later calls can be fed it at once, since the worker takes them in order. */
  number(): number {
    return --this.#ahead;
  }

  /** Tensors the worker holds for handles of this thread. */
  get live(): number {
    return this.#live;
  }

  /** Counts a tensor that a handle now stands for. */
  retain(): void {
    this.#live++;
  }

  /** Gives a tensor back. */
  release(tensor: number): void {
    this.#live--;
    if (this.#live === 0) queueMicrotask(() => this.#live === 0 && this.#onIdle());
    if (this.usable) this.#link.release(tensor);
  }

  /** Closes one session; harmless when the thread has ended. */
  async close(session: number): Promise<void> {
    if (this.usable) await this.#link.call('close', { session }).catch(() => null);
  }

  /** Gives everything back and ends the thread. Calls that wait reject with DISPOSED; one in flight ends first. */
  dispose(): Promise<void> {
    this.#disposal ??= this.#end();
    return this.#disposal;
  }

  async #end(): Promise<void> {
    this.#fail(new MaskloomError('DISPOSED', 'the models were disposed', { hint: 'Build a new pipeline.' }));
    await this.#link.shutdown();
  }

  #fail(error: MaskloomError): void {
    this.#failure ??= error;
    this.#queue.close(this.#failure);
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

function coded(
  code: 'MODEL_LOAD_FAILED' | 'MODEL_RUN_FAILED',
  message: string,
  where: string,
  cause: unknown,
  remedies: readonly (readonly [RegExp, string])[] = [],
): unknown {
  if (!(cause instanceof WorkerRefusal)) return cause;
  const hint = remedies.find(([pattern]) => pattern.test(cause.message))?.[1];
  return new MaskloomError(code, `${message}: ${cause.message}`, {
    where,
    ...(hint !== undefined && { hint }),
  });
}
