import { MaskloomError, suggest } from '@maskloom/core';
import type { Device, DeviceChoice, ModelHost, ModelSource } from '@maskloom/core';
import { throwIfAborted } from '../aborted.js';
import type { Bundle, CheckedModel } from '../bundle/bundle.js';
import { openBundle } from '../bundle/open-bundle.js';
import type { BundleSource } from '../bundle/source.js';
import { chooseDevice } from '../devices/choose.js';
import type { DevicePlan } from '../devices/choose.js';
import { Engine } from '../engine/engine.js';
import { MemoryGate } from '../memory/memory-gate.js';
import { OnnxHost } from './onnx-host.js';
import { SessionPool, disposed } from './session-pool.js';
import type { SessionLease } from './session-pool.js';
import { SimplifiedGraphs } from './simplified-graphs.js';
import { threadsFor } from './threads.js';

/** Options of {@link onnx}. */
export interface OnnxOptions {
  /**
   * Where the models come from; of several, the first that has a recipe's models gives them. A stage that brings in another
   * recipe's models may have them from another bundle than its pipeline.
   */
  readonly bundle: BundleSource | readonly BundleSource[];
  /** The device asked for; `auto` when absent. */
  readonly device?: DeviceChoice;
  /** Model calls that may wait per device before one is refused; 256 when absent. */
  readonly maxQueue?: number;
  /**
   * Threads within one operator on the CPU. When absent: 1 for models under 32 MB, which more threads make
   * slower (they wait for each other longer than they work), else the machine's cores, at most 8.
   */
  readonly threads?: number;
  /** Keeps models open between pipelines until the source itself is disposed; false when absent. */
  readonly keepOpen?: boolean;
  /**
   * Gives the memory that a call worked in back when it ends; when false or absent it is kept for the next, which is
   * faster. For models that run once per picture, such as a large encoder, where memory is short.
   */
  readonly giveBack?: boolean;
  /**
   * Bytes of memory that opening a model may count on, in place of what the system and its control groups say is free;
   * `Infinity` never refuses.
   */
  readonly memory?: number;
  /** Told why a better device was passed over: each message once, however many sources tell the same function. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Models from one or several bundles, run by ONNX Runtime in worker threads: one worker per device, sessions
 * shared by file hash between everything opened from this source. The worker ends with the last
 * pipeline (or with the source, when `keepOpen`).
 * @throws MaskloomError OPTION_INVALID
 */
export function onnx(options: OnnxOptions): OnnxSource {
  return new OnnxSource(options);
}

/** What each listener has been told: a program that opens a source per image hears of its device once. */
const TOLD = new WeakMap<(message: string) => void, Set<string>>();

/** What {@link onnx} makes: a `ModelSource` of core that also tells which devices it uses. */
export class OnnxSource implements ModelSource, AsyncDisposable {
  readonly #options: OnnxOptions;
  readonly #pool: SessionPool;
  readonly #hosts = new Set<OnnxHost>();
  readonly #warnings: string[] = [];
  #bundles: Promise<readonly Bundle[]> | undefined;
  #plan: Promise<DevicePlan> | undefined;
  #disposal: Promise<void> | undefined;

  constructor(options: OnnxOptions) {
    const maxQueue = positive('maxQueue', options.maxQueue ?? 256);
    const { threads, memory } = options;
    if (threads !== undefined) positive('threads', threads);
    this.#options = options;
    this.#pool = new SessionPool((device, onIdle) => new Engine({ device, maxQueue, onIdle }), {
      threads: (model) => threads ?? threadsFor(model.bytes),
      keepOpen: options.keepOpen ?? false,
      giveBack: options.giveBack ?? false,
      memory: new MemoryGate(memory === undefined ? undefined : () => memory),
      simplified: new SimplifiedGraphs(),
    });
  }

  /** Why better devices were passed over, so far. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Live tensor handles of every host of this source. */
  get liveTensors(): number {
    return [...this.#hosts].reduce((sum, host) => sum + host.liveTensors, 0);
  }

  /**
   * Checks the bundles and the device (all once) and gives the models of one recipe.
   * @param recipeId - `system/name`
   * @throws MaskloomError BUNDLE_* (see {@link openBundle}), DEVICE_UNKNOWN, DEVICE_UNAVAILABLE, ABORTED, DISPOSED.
   */
  async open(recipeId: string, signal?: AbortSignal): Promise<ModelHost> {
    if (this.#disposal !== undefined) throw disposed('the model source');
    throwIfAborted(signal);
    const { bundle, plan } = await this.#prepare(recipeId, signal);
    const host: OnnxHost = new OnnxHost(bundle, recipeId, {
      lease: (model) => this.#lease(model, plan),
      open: (id) => this.open(id),
      onDispose: () => {
        this.#hosts.delete(host);
        void this.#pool.endIdle();
      },
    });
    this.#hosts.add(host);
    return host;
  }

  /** Disposes every host, then the workers. */
  dispose(): Promise<void> {
    this.#disposal ??= this.#end();
    return this.#disposal;
  }

  /** As `dispose`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  /** The worker starts while the bundles are checked. */
  async #prepare(
    recipeId: string,
    signal: AbortSignal | undefined,
  ): Promise<{ bundle: Bundle; plan: DevicePlan }> {
    const choosing = this.#choose().then((plan) => {
      if (this.#disposal === undefined) this.#pool.start(plan.devices[0]);
      return plan;
    });
    try {
      const [bundles, plan] = await Promise.all([this.#openBundles(), choosing]);
      throwIfAborted(signal);
      return { bundle: bundleWith(bundles, recipeId), plan };
    } catch (cause) {
      await choosing.catch(() => undefined);
      await this.#pool.endIdle();
      throw cause;
    }
  }

  #openBundles(): Promise<readonly Bundle[]> {
    if (this.#bundles === undefined) {
      this.#bundles = Promise.all([this.#options.bundle].flat().map((source) => openBundle(source)));
      // What failed may be mended; the next open looks again.
      this.#bundles.catch(() => (this.#bundles = undefined));
    }
    return this.#bundles;
  }

  #choose(): Promise<DevicePlan> {
    if (this.#plan === undefined) {
      this.#plan = chooseDevice(this.#options.device ?? 'auto').then((plan) => {
        if (plan.passedOver.length > 0)
          this.#warn(`device auto: using ${plan.devices[0]}; ${plan.passedOver.join('; ')}`);
        return plan;
      });
      this.#plan.catch(() => (this.#plan = undefined));
    }
    return this.#plan;
  }

  /** The first device of the plan that takes the model; only `auto` has more than one. */
  async #lease(model: CheckedModel, plan: DevicePlan): Promise<SessionLease> {
    const refused: string[] = [];
    for (const device of plan.devices) {
      try {
        const lease = await this.#pool.lease(model, device);
        if (refused.length > 0) this.#warn(`model ${model.id} runs on ${device}; ${refused.join('; ')}`);
        return lease;
      } catch (cause) {
        const last = device === plan.devices.at(-1);
        if (last || !MaskloomError.is(cause) || cause.code !== 'MODEL_LOAD_FAILED') throw cause;
        refused.push(`${device as Device}: ${cause.message}`);
      }
    }
    throw new MaskloomError('INTERNAL', 'the device plan was empty');
  }

  #warn(message: string): void {
    if (this.#warnings.includes(message)) return;
    this.#warnings.push(message);
    const { onWarning } = this.#options;
    if (onWarning === undefined) return;
    const told = TOLD.get(onWarning) ?? new Set();
    TOLD.set(onWarning, told);
    if (!told.has(message)) onWarning(message);
    told.add(message);
  }

  async #end(): Promise<void> {
    await Promise.all([...this.#hosts].map((host) => host.dispose()));
    await this.#pool.dispose();
  }
}

/** The first bundle that has a recipe's models. */
function bundleWith(bundles: readonly Bundle[], recipeId: string): Bundle {
  const found = bundles.find(({ recipes }) => recipes.includes(recipeId));
  if (found !== undefined) return found;
  const names = bundles.map(({ name }) => `'${name}'`).join(', ');
  throw new MaskloomError(
    'BUNDLE_INVALID',
    bundles.length === 1
      ? `the bundle ${names} has no models for the recipe '${recipeId}'`
      : `none of the bundles ${names} has models for the recipe '${recipeId}'`,
    {
      where: 'bundle.json: recipes',
      hint: suggest(
        recipeId,
        bundles.flatMap(({ recipes }) => recipes),
      ),
    },
  );
}

function positive(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new MaskloomError('OPTION_INVALID', `${name} must be a whole number above 0, not ${value}`, {
    where: `onnx.${name}`,
  });
}
