import { MaskloomError, suggest, throwIfAborted } from '@maskloom/masks';
import { hostTensor } from '../domain/host-tensor.js';
import { isRepeated, isTensorHandle, type Feed, type HostTensor } from '../domain/tensor.js';
import type { Device } from '../ports/device.js';
import type {
  ModelHost,
  ModelPort,
  ModelSession,
  RunOptions,
  TensorScope,
  Tokenizer,
} from '../ports/model-host.js';
import type { ModelSource } from '../ports/model-source.js';
import { tensorScope } from '../ports/tensor-scope.js';
import { FakeTensor, type LiveCount } from './fake-tensor.js';

/** A model written in TypeScript. */
export interface FakeModel {
  /** What it must be fed. */
  readonly inputs: readonly ModelPort[];
  /** What it gives. */
  readonly outputs: readonly ModelPort[];
  /** Computes all outputs; must not change the feeds. */
  run(
    feeds: Readonly<Record<string, HostTensor>>,
  ): Readonly<Record<string, HostTensor>> | Promise<Readonly<Record<string, HostTensor>>>;
}

/** What a fake host holds; everything is optional. */
export interface FakeHostOptions {
  /** The bundle's name (default `fake`). */
  readonly bundle?: string;
  /** Models by role. */
  readonly models?: Readonly<Record<string, FakeModel>>;
  /** Constants by name. */
  readonly presets?: Readonly<Record<string, unknown>>;
  /** The bundle's tokenizer. */
  readonly tokenizer?: Tokenizer;
  /** The device that sessions claim to run on (default `cpu`). */
  readonly device?: Device;
}

/** A model host in this thread's memory, with counters for tests. */
export interface FakeHost extends ModelHost {
  /** Roles of the model calls made, in order. */
  readonly runs: readonly string[];
  /** True after `dispose`. */
  readonly disposed: boolean;
}

/** Makes a model host whose models are functions. */
export function fakeHost(options: FakeHostOptions = {}): FakeHost {
  return new MemoryHost(options);
}

/** A model source that remembers what it opened. */
export interface FakeSource extends ModelSource {
  /** The recipe ids asked for, in order. */
  readonly opened: readonly string[];
  /** The host of each. */
  readonly hosts: readonly FakeHost[];
}

/** A model source of fake hosts, and the ids it was asked for. */
export function fakeSource(options: FakeHostOptions = {}): FakeSource {
  const opened: string[] = [];
  const hosts: FakeHost[] = [];
  return {
    opened,
    hosts,
    open: async (id, signal) => {
      throwIfAborted(signal, `open ${id}`);
      opened.push(id);
      const host = fakeHost(options);
      hosts.push(host);
      return host;
    },
  };
}

class MemoryHost implements FakeHost {
  readonly bundle: string;
  readonly runs: string[] = [];
  disposed = false;
  readonly #options: FakeHostOptions;
  readonly #count: LiveCount = { live: 0 };
  readonly #scopes = new Set<TensorScope>();

  constructor(options: FakeHostOptions) {
    this.bundle = options.bundle ?? 'fake';
    this.#options = options;
  }

  get liveTensors(): number {
    return this.#count.live;
  }

  async model(role: string): Promise<ModelSession> {
    const model = this.#find(role);
    const { inputs, outputs } = model;
    const device = this.#options.device ?? 'cpu';
    return {
      id: role,
      device,
      inputs,
      outputs,
      run: (feeds, options) => this.#run(role, model, feeds, options),
    };
  }

  ports(role: string): { readonly inputs: readonly ModelPort[]; readonly outputs: readonly ModelPort[] } {
    const { inputs, outputs } = this.#find(role);
    return { inputs, outputs };
  }

  async tokenizer(): Promise<Tokenizer> {
    const { tokenizer } = this.#options;
    if (tokenizer === undefined)
      throw new MaskloomError('BUNDLE_INVALID', 'The fake bundle has no tokenizer.', {
        where: 'fakeHost.tokenizer',
      });
    return tokenizer;
  }

  preset(name: string): unknown {
    const presets = this.#options.presets ?? {};
    if (name in presets) return presets[name];
    throw new MaskloomError('BUNDLE_INVALID', `The fake bundle has no preset '${name}'.`, {
      where: 'fakeHost.presets',
      hint: suggest(name, Object.keys(presets)),
    });
  }

  /** The fake bundle has one set of models: every recipe's. */
  async recipe(): Promise<ModelHost> {
    return this;
  }

  scope(): TensorScope {
    const scope = tensorScope();
    this.#scopes.add(scope);
    return scope;
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    for (const scope of this.#scopes) scope.release();
  }

  async #run(
    role: string,
    model: FakeModel,
    feeds: Readonly<Record<string, Feed>>,
    options: RunOptions,
  ): Promise<Readonly<Record<string, FakeTensor>>> {
    if (this.disposed)
      throw new MaskloomError('DISPOSED', 'The fake host has been disposed of.', { where: role });
    throwIfAborted(options.signal, `run ${role}`);
    this.runs.push(role);
    const values: Record<string, HostTensor> = Object.fromEntries(
      await Promise.all(Object.entries(feeds).map(async ([name, feed]) => [name, await valuesOf(feed)])),
    );
    for (const { name } of model.inputs) {
      if (values[name] === undefined)
        throw new MaskloomError('MODEL_RUN_FAILED', `Input '${name}' of ${role} was not fed.`, {
          where: role,
        });
    }
    // As a real one does, the model answers later.
    await new Promise((resolve) => setImmediate(resolve));
    const results = await model.run(values);
    const wanted = options.outputs ?? Object.keys(results);
    return Object.fromEntries(
      wanted.map((name) => {
        const result = results[name];
        if (result === undefined)
          throw new MaskloomError('MODEL_RUN_FAILED', `${role} has no output '${name}'.`, {
            where: role,
            hint: suggest(name, Object.keys(results)),
          });
        const tensor = new FakeTensor(result, this.#count);
        options.scope.own(tensor);
        return [name, tensor];
      }),
    );
  }

  #find(role: string): FakeModel {
    const models = this.#options.models ?? {};
    const model = models[role];
    if (model !== undefined) return model;
    throw new MaskloomError('BUNDLE_INVALID', `The fake bundle has no model for '${role}'.`, {
      where: 'fakeHost.models',
      hint: suggest(role, Object.keys(models)),
    });
  }
}

/** As in a real host, a tensor that lives elsewhere comes by value. */
async function valuesOf(feed: Feed): Promise<HostTensor> {
  if (isRepeated(feed)) return repeated(await valuesOf(feed.repeated), feed.times);
  if (!isTensorHandle(feed)) return feed;
  if (feed instanceof FakeTensor) return feed.values();
  return { dtype: 'float32', dims: feed.dims, data: await feed.read() };
}

function repeated({ dtype, dims, data }: HostTensor, times: number): HostTensor {
  const all = new (data.constructor as new (length: number) => HostTensor['data'])(data.length * times);
  for (let i = 0; i < all.length; i++) all[i] = data[i % data.length] as never;
  return hostTensor(dtype, [times, ...dims.slice(1)], all as never);
}
