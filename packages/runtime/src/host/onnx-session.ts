import { MaskloomError, isChained, isRepeated, isTensorHandle } from '@maskloom/core';
import type {
  AheadResult,
  ChainedCall,
  ChainedOutput,
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
import { checkKnown, knownOutputs } from './known-outputs.js';
import type { WireTensor } from '../engine/protocol.js';
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
  readonly #wanted: ReadonlySet<string>;
  readonly #released = (): void => this.owner.count(-1);

  constructor(
    readonly id: string,
    readonly shared: SharedSession,
    readonly owner: SessionOwner,
  ) {
    this.device = shared.engine.device;
    this.inputs = shared.inputs;
    this.#wanted = new Set(shared.inputs.map((port) => port.name));
    this.outputs = shared.outputs;
  }

  run(feeds: Readonly<Record<string, Feed>>, options: RunOptions): Promise<Readonly<Record<string, Tensor>>> {
    const { outputs, read, first } = options;
    const call = {
      session: this,
      feeds,
      ...(outputs && { outputs }),
      ...(read && { read }),
      ...(first && { first }),
    };
    return this.#runAll([call], options).then(([tensors]) => tensors ?? {});
  }

  ahead(
    feeds: Readonly<Record<string, Feed>>,
    { outputs, scope, signal }: Pick<RunOptions, 'outputs' | 'scope' | 'signal'>,
  ): AheadResult | undefined {
    const known = knownOutputs(this, feeds, outputs);
    // A handle from elsewhere is read first, and what is fed this call's outputs would be sent before it.
    if (known === undefined || !Object.values(feeds).every((feed) => this.#isHere(feed))) return undefined;
    throwIfAborted(signal);
    this.owner.check();
    this.#checkNames(feeds);
    const { engine, names } = this.shared;
    const numbers = known.map(() => engine.number());
    const wanted = known.map(({ name }) => name);
    const numbered = Object.fromEntries(known.map(({ name }, i) => [names.file(name), numbers[i]!]));
    const call = { session: this, feeds, outputs: wanted };
    const ready = engine
      .runAll([{ ...byFileNames(call, [call]), numbers: numbered }], signal)
      .then(([given = []]) => {
        checkKnown(known, given, this.id);
        throwIfAborted(signal);
      });
    const tensors = known.map(({ dtype, dims }, i) => {
      this.owner.count(1);
      const wire = { tensor: numbers[i]!, dtype, dims };
      return new WorkerTensor(engine, wire, this.#released, ready);
    });
    for (const tensor of tensors) scope.own(tensor);
    return { outputs: Object.fromEntries(wanted.map((name, i) => [name, tensors[i]!])), ready };
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
    const all: WorkerTensor[] = [];
    const given = wires.map((outputs, at) => (calls[at] as OwnCall).session.#handles(outputs, all));
    if (signal?.aborted === true) {
      for (const tensor of all) tensor.release();
      throw aborted(signal);
    }
    for (const tensor of all) scope.own(tensor);
    return given;
  }

  #isHere(feed: Feed): boolean {
    const value = isRepeated(feed) ? feed.repeated : feed;
    return !isTensorHandle(value) || (value instanceof WorkerTensor && value.engine === this.shared.engine);
  }

  /** @param all - gets them too */
  #handles(outputs: readonly WireTensor[], all: WorkerTensor[]): Record<string, WorkerTensor> {
    const { shared, owner } = this;
    const tensors: Record<string, WorkerTensor> = {};
    for (const wire of outputs) {
      owner.count(1);
      const tensor = new WorkerTensor(shared.engine, wire, this.#released);
      tensors[shared.names.ours(wire.name)] = tensor;
      all.push(tensor);
    }
    return tensors;
  }

  /** Names are checked here: the native messages do not say what was meant. */
  #checkNames(feeds: ChainedCall['feeds']): void {
    const names = Object.keys(feeds);
    if (names.length === this.inputs.length && names.every((name) => this.#wanted.has(name))) return;
    const wanted = [...this.#wanted];
    const missing = wanted.filter((name) => !Object.hasOwn(feeds, name));
    const unknown = names.filter((name) => !this.#wanted.has(name));
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
  const asked = { session: shared.session, model: id };
  if (chain.every((call) => call.session.shared.names.same))
    return { ...asked, feeds, outputs, ...(read && { read }), ...(first && { first }) };
  const fed: Record<string, Feed | ChainedOutput> = {};
  for (const [name, feed] of Object.entries(shared.names.feeds(feeds))) {
    const from = isChained(feed) ? chain[feed.call]?.session.shared.names : undefined;
    fed[name] = isChained(feed) ? { ...feed, output: from?.file(feed.output) ?? feed.output } : feed;
  }
  return {
    ...asked,
    feeds: fed,
    outputs: outputs?.map((name) => shared.names.file(name)),
    read: (read ?? []).map((name) => shared.names.file(name)),
    ...(first && {
      first: Object.fromEntries(Object.entries(first).map(([name, n]) => [shared.names.file(name), n])),
    }),
  };
}
