import type { InferenceSession as Session, Tensor as OrtTensor } from 'onnxruntime-common';
import { InferenceSession, env } from '../native/onnx-runtime.js';
import type { DType } from '@maskloom/core';
import { dtypeOf, firstOf, fromOrt, portsOf, repeated, toOrt } from './ort-tensor.js';
import { greedyInWorker, type GreedyRun, type Outputs } from './worker-greedy.js';
import type { Answers, Requests, SessionSettings, WireCall, WireFeed, WireTensor } from './protocol.js';

/** Outputs of at most so many values travel with the answer, asked for or not (qualities, embeddings): what they weigh is nothing. */
const EARLY_VALUES = 256;

/** An open session and the element type of each input. */
interface OpenModel {
  readonly session: Session;
  readonly wanted: ReadonlyMap<string, DType>;
}

/** A model call that failed, and its place in the message. */
export class CallFailure extends Error {
  constructor(
    readonly at: number,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** The sessions and tensors that one worker holds. Calls come one at a time, in order. */
export class WorkerModels {
  readonly #sessions = new Map<number, OpenModel>();
  readonly #tensors = new Map<number, OrtTensor>();
  #next = 1;

  constructor() {
    // The native log goes to the process's standard error, past everything that could catch it.
    env.logLevel = 'fatal';
  }

  async open({ path, settings }: Requests['open']): Promise<Answers['open']> {
    const session = await InferenceSession.create(path, sessionOptions(settings));
    try {
      const inputs = portsOf(session.inputMetadata);
      const outputs = portsOf(session.outputMetadata);
      const number = this.#next++;
      const wanted = new Map(inputs.map(({ name, dtype }) => [name, dtype]));
      this.#sessions.set(number, { session, wanted });
      return { session: number, inputs, outputs };
    } catch (cause) {
      await session.release();
      throw cause;
    }
  }

  async simplify({ from, to }: Requests['simplify']): Promise<null> {
    const options = sessionOptions({ device: 'cpu', threads: 1 });
    const session = await InferenceSession.create(from, { ...options, optimizedModelFilePath: to });
    await session.release();
    return null;
  }

  /** @throws CallFailure naming the call; nothing is kept of those before it */
  async run({ calls }: Requests['run']): Promise<Answers['run']> {
    const given: Outputs[] = [];
    const kept: WireTensor[][] = [];
    try {
      for (const [at, call] of calls.entries()) {
        const outputs = await this.#call(call, given);
        given.push(outputs);
        // Of a long chain no more is held than is still needed.
        for (const feed of Object.values(call.feeds))
          if ('call' in feed && isPast(feed, calls, at)) given[feed.call]?.[feed.output]?.dispose();
        const row: WireTensor[] = [];
        kept.push(row);
        for (const name of call.outputs ?? Object.keys(outputs)) row.push(this.#keep(name, outputs, call));
      }
    } catch (cause) {
      this.release(kept.flat().map(({ tensor }) => tensor));
      throw new CallFailure(Math.min(given.length, calls.length - 1), cause);
    } finally {
      given.forEach((outputs, at) => {
        const { outputs: wanted, first = {} } = calls[at] as WireCall;
        for (const [name, tensor] of Object.entries(outputs)) {
          const cut = (first[name] ?? Infinity) < (tensor.dims[1] ?? 0);
          if (cut || (wanted !== undefined && !wanted.includes(name))) tensor.dispose();
        }
      });
    }
    return kept;
  }

  /** @param turn - does native work when nothing else does */
  greedy(
    request: Requests['greedy'],
    turn: <T>(work: () => Promise<T>) => Promise<T>,
    { check, told }: Pick<GreedyRun, 'check' | 'told'>,
  ): Promise<Answers['greedy']> {
    const call: GreedyRun['call'] = (one, given) => turn(() => this.#call(one, given));
    return greedyInWorker(request, { call, check, told });
  }

  async #call({ session, feeds, outputs, onwards }: WireCall, given: readonly Outputs[]): Promise<Outputs> {
    const { session: model, wanted } = this.#session(session);
    const inputs: Record<string, OrtTensor> = {};
    const passing: OrtTensor[] = [];
    try {
      for (const [name, feed] of Object.entries(feeds))
        inputs[name] = this.#input(feed, wanted.get(name), passing, given);
      const asked = outputs === undefined ? model.outputNames : [...new Set([...outputs, ...onwards])];
      return await model.run(inputs, asked);
    } finally {
      for (const tensor of passing) tensor.dispose();
    }
  }

  read({ tensor }: Requests['read']): Answers['read'] {
    return fromOrt(this.#held(tensor));
  }

  release(tensors: readonly number[]): void {
    for (const number of tensors) {
      this.#tensors.get(number)?.dispose();
      this.#tensors.delete(number);
    }
  }

  async close({ session }: Requests['close']): Promise<null> {
    const model = this.#session(session);
    this.#sessions.delete(session);
    await model.session.release();
    return null;
  }

  /** Gives back everything, sessions last: their allocators own the tensors' memory. */
  async closeAll(): Promise<null> {
    this.release([...this.#tensors.keys()]);
    for (const session of [...this.#sessions.keys()]) await this.close({ session });
    return null;
  }

  #session(number: number): OpenModel {
    const session = this.#sessions.get(number);
    if (session === undefined) throw new Error(`session ${number} is closed`);
    return session;
  }

  #input(
    feed: WireFeed,
    wanted: DType | undefined,
    passing: OrtTensor[],
    given: readonly Outputs[],
  ): OrtTensor {
    const pass = (tensor: OrtTensor): OrtTensor => {
      passing.push(tensor);
      return tensor;
    };
    if ('data' in feed) return pass(toOrt(feed, wanted ?? feed.dtype));
    const held = 'tensor' in feed ? this.#held(feed.tensor) : outputOf(given, feed);
    const times = 'tensor' in feed ? (feed.times ?? 1) : 1;
    const same = wanted === undefined || held.type === wanted;
    if (same && times === 1) return held;
    // One model gives float32 where the next takes float16, or the other way round.
    const one = same ? held : pass(toOrt(fromOrt(held), wanted));
    return times === 1 ? one : pass(repeated(one, times));
  }

  #held(number: number): OrtTensor {
    const held = this.#tensors.get(number);
    if (held === undefined) throw new Error(`tensor ${number} was released`);
    return held;
  }

  #keep(name: string, outputs: Outputs, { read, first, numbers }: WireCall): WireTensor {
    const whole = outputs[name];
    if (whole === undefined) throw new Error(`the model has no output '${name}'`);
    const tensor = firstOf(whole, first?.[name] ?? Infinity);
    const dtype = dtypeOf(tensor.type, name);
    const number = numbers?.[name] ?? this.#next++;
    this.#tensors.set(number, tensor);
    const wire = { tensor: number, name, dtype, dims: tensor.dims };
    const early = tensor.size <= EARLY_VALUES || read.includes(name);
    return early ? { ...wire, early: fromOrt(tensor).data } : wire;
  }
}

/** Whether an output that fed call `at` is wanted by none any more. */
function isPast(fed: { call: number; output: string }, calls: readonly WireCall[], at: number): boolean {
  const wanted = calls[fed.call]?.outputs;
  if (wanted === undefined || wanted.includes(fed.output)) return false;
  const again = (feed: WireFeed): boolean =>
    'call' in feed && feed.call === fed.call && feed.output === fed.output;
  return !calls.slice(at + 1).some(({ feeds }) => Object.values(feeds).some(again));
}

function outputOf(given: readonly Outputs[], { call, output }: { call: number; output: string }): OrtTensor {
  const tensor = given[call]?.[output];
  if (tensor === undefined) throw new Error(`call ${call} gave no output '${output}'`);
  return tensor;
}

/**
 * Outputs stay in CPU memory on every device: reading a WebGPU buffer from Node ends the process in
 * ONNX Runtime 1.30, and other providers offer no device tensors there.
 */
function sessionOptions(settings: SessionSettings): Session.SessionOptions {
  return {
    executionProviders: [settings.device],
    graphOptimizationLevel: settings.simplified === true ? 'disabled' : 'all',
    executionMode: 'sequential',
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    // The pattern of one call is taken as one block beside what the arena has: for shapes that change (every step of a
    // decoder) it is never used again, and the second call of SAM ViT-B holds 5.7 GB instead of 3.2.
    enableMemPattern: false,
    enableCpuMemArena: settings.giveBack !== true,
    // Waiting threads sleep: spinning would take the main thread's core on small machines.
    extra: { 'session.intra_op.allow_spinning': '0' },
  };
}
