import { MaskloomError, isChained } from '@maskloom/core';
import type {
  ChainedCall,
  ChainOptions,
  ChainResults,
  Device,
  Feed,
  GreedyAnswer,
  GreedyRequest,
  ModelPort,
  ModelSession,
  RunOptions,
  Tensor,
} from '@maskloom/core';
import { aborted, throwIfAborted } from '../aborted.js';
import type { EngineCall } from '../engine/engine.js';
import { greedyPorts } from './greedy-ports.js';
import { WorkerTensor } from '../engine/worker-tensor.js';
import type { SharedSession } from './session-pool.js';

/** What a session tells its host. */
export interface SessionOwner {
  /** Throws once the host was disposed. */
  readonly check: () => void;
  /** Counts live tensors up and down. */
  readonly count: (change: 1 | -1) => void;
}

/** A call of a chain whose models all live in one engine. */
interface OwnCall extends ChainedCall {
  readonly session: OnnxSession;
  readonly first?: RunOptions['first'];
}

/** One host's view of a shared session. */
export class OnnxSession implements ModelSession {
  readonly device: Device;
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];

  constructor(
    readonly id: string,
    readonly shared: SharedSession,
    readonly owner: SessionOwner,
  ) {
    this.device = shared.engine.device;
    this.inputs = shared.inputs;
    this.outputs = shared.outputs;
  }

  async run(
    feeds: Readonly<Record<string, Feed>>,
    options: RunOptions,
  ): Promise<Readonly<Record<string, Tensor>>> {
    const { outputs, read, first } = options;
    const call = {
      session: this,
      feeds,
      ...(outputs && { outputs }),
      ...(read && { read }),
      ...(first && { first }),
    };
    const [tensors] = await this.#runAll([call], options);
    return tensors ?? {};
  }

  chain(calls: readonly ChainedCall[], options: ChainOptions): Promise<ChainResults> | undefined {
    const { engine } = this.shared;
    const here = calls.every(
      ({ session }) => session instanceof OnnxSession && session.shared.engine === engine,
    );
    return here ? this.#runAll(calls as readonly OwnCall[], options) : undefined;
  }

  greedy(request: GreedyRequest): Promise<GreedyAnswer> | undefined {
    const { engine, session, names } = this.shared;
    const { embedding, feeds, length, rules } = request;
    if (!(embedding instanceof OnnxSession) || embedding.shared.engine !== engine) return undefined;
    this.owner.check();
    this.#checkNames(feeds);
    const ports = greedyPorts(this, embedding);
    const asked = { session, embedding: embedding.shared.session, ports, length, rules };
    return engine.greedy(this.id, asked, names.feeds(feeds), request);
  }

  async #runAll(calls: readonly OwnCall[], { signal, scope }: ChainOptions): Promise<ChainResults> {
    throwIfAborted(signal);
    for (const { session, feeds } of calls) {
      session.owner.check();
      session.#checkNames(feeds);
    }
    const { engine } = this.shared;
    const wires = await engine.runAll(
      calls.map((call) => byFileNames(call, calls)),
      signal,
    );
    const given = wires.map((outputs, at) => {
      const { shared, owner } = (calls[at] as OwnCall).session;
      return outputs.map((wire) => {
        owner.count(1);
        return [shared.names.ours(wire.name), new WorkerTensor(engine, wire, () => owner.count(-1))] as const;
      });
    });
    if (signal?.aborted === true) {
      for (const [, tensor] of given.flat()) tensor.release();
      throw aborted(signal);
    }
    for (const [, tensor] of given.flat()) scope.own(tensor);
    return given.map((tensors) => Object.fromEntries(tensors));
  }

  /** Names are checked here: the native messages do not say what was meant. */
  #checkNames(feeds: ChainedCall['feeds']): void {
    const wanted = this.inputs.map((port) => port.name);
    const missing = wanted.filter((name) => !Object.hasOwn(feeds, name));
    const unknown = Object.keys(feeds).filter((name) => !wanted.includes(name));
    if (missing.length === 0 && unknown.length === 0) return;
    const problems = [
      ...missing.map((name) => `input '${name}' is missing`),
      ...unknown.map((name) => `there is no input '${name}'`),
    ];
    throw new MaskloomError('MODEL_RUN_FAILED', `the model was called wrongly: ${problems.join('; ')}`, {
      where: this.id,
      hint: `Its inputs: ${wanted.join(', ')}.`,
    });
  }
}

function byFileNames(
  { session, feeds, outputs, read, first }: OwnCall,
  chain: readonly OwnCall[],
): EngineCall {
  const { id, shared } = session;
  const fed = Object.entries(shared.names.feeds(feeds)).map(([name, feed]) => {
    if (!isChained(feed)) return [name, feed] as const;
    const from = chain[feed.call]?.session.shared.names;
    return [name, { call: feed.call, output: from?.file(feed.output) ?? feed.output }] as const;
  });
  return {
    session: shared.session,
    model: id,
    feeds: Object.fromEntries(fed),
    outputs: outputs?.map((name) => shared.names.file(name)),
    read: (read ?? []).map((name) => shared.names.file(name)),
    ...(first && {
      first: Object.fromEntries(Object.entries(first).map(([name, n]) => [shared.names.file(name), n])),
    }),
  };
}
