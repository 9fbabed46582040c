import { MaskloomError } from '@maskloom/core';
import type { Device, Feed, ModelPort, ModelSession, RunOptions, Tensor } from '@maskloom/core';
import { aborted, throwIfAborted } from '../aborted.js';
import { WorkerTensor } from '../engine/worker-tensor.js';
import type { SharedSession } from './session-pool.js';

/** What a session tells its host. */
export interface SessionOwner {
  /** Throws once the host was disposed. */
  readonly check: () => void;
  /** Counts live tensors up and down. */
  readonly count: (change: 1 | -1) => void;
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
    const { signal, scope, outputs } = options;
    throwIfAborted(signal);
    this.owner.check();
    this.#checkNames(feeds);
    const { engine, session, names } = this.shared;
    const wanted = outputs?.map((name) => names.file(name));
    const wires = await engine.run(session, this.id, names.feeds(feeds), wanted, signal);
    const tensors = wires.map((wire) => {
      this.owner.count(1);
      return [names.ours(wire.name), new WorkerTensor(engine, wire, () => this.owner.count(-1))] as const;
    });
    if (signal?.aborted === true) {
      for (const [, tensor] of tensors) tensor.release();
      throw aborted(signal);
    }
    for (const [, tensor] of tensors) scope.own(tensor);
    return Object.fromEntries(tensors);
  }

  /** Names are checked here: the native messages do not say what was meant. */
  #checkNames(feeds: Readonly<Record<string, Feed>>): void {
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
