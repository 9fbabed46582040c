import { MaskloomError } from '@maskloom/core';
import type { Device, ModelPort } from '@maskloom/core';
import type { CheckedModel } from '../bundle/bundle.js';
import type { Engine } from '../engine/engine.js';
import type { WireSession } from '../engine/protocol.js';
import type { MemoryGate } from '../memory/memory-gate.js';
import { checkPorts } from './check-ports.js';
import { PortNames } from './port-names.js';
import type { SimplifiedGraphs } from './simplified-graphs.js';

/** A session that hosts share. */
export interface SharedSession {
  readonly engine: Engine;
  readonly session: number;
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
  /** How the file calls its ports. */
  readonly names: PortNames;
}

/** One host's share of a session. */
export interface SessionLease {
  readonly shared: SharedSession;
  /** Gives the share back; the last one closes the session. */
  readonly release: () => Promise<void>;
}

interface Entry {
  readonly opening: Promise<SharedSession>;
  shares: number;
}

/** How a pool opens models. */
export interface PoolOptions {
  /** How many threads a model gets. */
  readonly threads: (model: CheckedModel) => number;
  /** Sessions without a host stay open until the pool is disposed. */
  readonly keepOpen: boolean;
  /** Whether a call's memory is given back when it ends. */
  readonly giveBack: boolean;
  /** Refuses models that do not fit. */
  readonly memory: MemoryGate;
  /** Where simplified graphs are kept; models are opened as they are when absent. */
  readonly simplified?: SimplifiedGraphs;
}

/** How the pool makes engines. */
export type EngineFactory = (device: Device, onIdle: () => void) => Engine;

/**
 * The engines of one source, one per device, and their sessions by file hash: roles and recipes
 * with equal files share one session, opened once however many ask at the same time.
 */
export class SessionPool {
  readonly #make: EngineFactory;
  readonly #options: PoolOptions;
  readonly #engines = new Map<Device, Engine>();
  readonly #entries = new Map<string, Entry>();

  constructor(make: EngineFactory, options: PoolOptions) {
    this.#make = make;
    this.#options = options;
  }

  /** Opens a model on a device, or takes a share of the session that has it open. */
  async lease(model: CheckedModel, device: Device): Promise<SessionLease> {
    const engine = this.#engine(device);
    const key = `${device} ${model.sha256} ${JSON.stringify(model.names ?? {})}`;
    const entry = this.#entries.get(key) ?? this.#open(key, model, engine);
    entry.shares++;
    const release = once(() => this.#giveBack(key, entry));
    try {
      const shared = await entry.opening;
      return { shared, release };
    } catch (cause) {
      await release();
      throw cause;
    }
  }

  /** Starts the worker of a device, for models that will be asked for. */
  start(device: Device): void {
    this.#engine(device);
  }

  /** Ends the workers that nobody uses. */
  async endIdle(): Promise<void> {
    await Promise.all([...this.#engines.values()].map((engine) => this.#endIfIdle(engine)));
  }

  /** Closes everything. */
  async dispose(): Promise<void> {
    const engines = [...this.#engines.values()];
    this.#engines.clear();
    this.#entries.clear();
    await Promise.all(engines.map((engine) => engine.dispose()));
  }

  #engine(device: Device): Engine {
    const present = this.#engines.get(device);
    if (present?.usable === true) return present;
    // Sessions of an ended engine are gone with it.
    for (const key of this.#entries.keys()) if (key.startsWith(`${device} `)) this.#entries.delete(key);
    const engine: Engine = this.#make(device, () => void this.#endIfIdle(engine));
    this.#engines.set(device, engine);
    return engine;
  }

  #open(key: string, model: CheckedModel, engine: Engine): Entry {
    const { memory } = this.#options;
    const opening = memory.pass(model, engine.device, () => openChecked(engine, model, this.#options));
    const entry: Entry = { opening, shares: 0 };
    this.#entries.set(key, entry);
    return entry;
  }

  async #giveBack(key: string, entry: Entry): Promise<void> {
    entry.shares--;
    if (entry.shares > 0) return;
    const shared = await entry.opening.catch(() => undefined);
    // A failed opening is forgotten, so that the next attempt starts anew.
    if (shared !== undefined && (this.#options.keepOpen || entry.shares > 0)) return;
    if (this.#entries.get(key) !== entry) return;
    this.#entries.delete(key);
    if (shared === undefined) return;
    await shared.engine.close(shared.session);
    await this.#endIfIdle(shared.engine);
  }

  /** A worker without sessions and tensors ends; the next model starts another. */
  async #endIfIdle(engine: Engine): Promise<void> {
    const busy = [...this.#entries.keys()].some((key) => key.startsWith(`${engine.device} `));
    if (busy || this.#options.keepOpen || engine.live > 0 || this.#engines.get(engine.device) !== engine)
      return;
    this.#engines.delete(engine.device);
    await engine.dispose();
  }
}

async function openChecked(
  engine: Engine,
  model: CheckedModel,
  options: PoolOptions,
): Promise<SharedSession> {
  const real = await openFile(engine, model, options);
  const { session } = real;
  const names = new PortNames(model.names);
  const { inputs, outputs } = names.ports(model, real);
  try {
    checkPorts(model, { inputs, outputs });
  } catch (cause) {
    await engine.close(session);
    throw cause;
  }
  return { engine, session, inputs, outputs, names };
}

async function openFile(
  engine: Engine,
  model: CheckedModel,
  { threads, giveBack, simplified }: PoolOptions,
): Promise<WireSession> {
  const open = (path: string, simplified = false): Promise<WireSession> =>
    engine.open(path, { threads: threads(model), giveBack, simplified });
  const kept =
    engine.device === 'cpu'
      ? await simplified?.of(model, (from, to) => engine.simplify(from, to))
      : undefined;
  return kept === undefined ? open(model.path) : open(kept, true).catch(() => open(model.path));
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}

/** The error of a source or host that was disposed. */
export function disposed(what: string): MaskloomError {
  return new MaskloomError('DISPOSED', `${what} was disposed`, { hint: 'Make a new one.' });
}
