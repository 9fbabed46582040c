import type { Device } from './device.js';
import type { DType, Feed, Tensor } from '../domain/tensor.js';
import type { GreedyAnswer, GreedyRequest } from './greedy.js';
import type { ChainedCall, ChainOptions, ChainResults } from './model-chain.js';

/** One input or output of a model file, as its bundle declares and the check confirms. */
export interface ModelPort {
  /** The name to feed or ask for. */
  readonly name: string;
  /** Element type. */
  readonly dtype: DType;
  /** Axis lengths; a string is a dynamic axis. */
  readonly shape: readonly (number | string)[];
}

/** All ports of a model. */
export interface ModelPorts {
  /** What it must be fed. */
  readonly inputs: readonly ModelPort[];
  /** What it can give. */
  readonly outputs: readonly ModelPort[];
}

/** Owns the tensors made during one piece of work and releases them together. */
export interface TensorScope {
  /** Makes a tensor belong to this scope. */
  own(tensor: Tensor): void;
  /** Takes a tensor out of this scope: the caller releases it. */
  keep(tensor: Tensor): Tensor;
  /** Releases everything still owned. */
  release(): void;
}

/** How one model call behaves. */
export interface RunOptions {
  /** Outputs wanted; all when absent. Others are never transferred or kept. */
  readonly outputs?: readonly string[];
  /** Those of the outputs whose values will be read here: they come along with the answer, which saves the way there. */
  readonly read?: readonly string[];
  /**
   * Outputs [N, M, ...] of which only the first so many along the second axis are wanted, by name. Those are all that a host
   * need keep and send; one that knows better ways gives the whole: `dims` tell.
   */
  readonly first?: Readonly<Record<string, number>>;
  /** Owner of the outputs. */
  readonly scope: TensorScope;
  /** Checked before the call is sent; a call in flight finishes and its outputs are released. */
  readonly signal?: AbortSignal;
}

/** What a call gives before it ends. */
export interface AheadResult {
  /** The outputs; reading one waits for it. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Rejects as `run` does. */
  readonly ready: Promise<void>;
}

/** An open model. Runs off this thread. */
export interface ModelSession {
  /** The model's id in its bundle. */
  readonly id: string;
  /** The device that really runs this model. */
  readonly device: Device;
  /** What it must be fed. */
  readonly inputs: readonly ModelPort[];
  /** What it can give. */
  readonly outputs: readonly ModelPort[];
  /**
   * Runs the model once.
   * @throws MaskloomError MODEL_RUN_FAILED, ABORTED, DISPOSED, WORKER_CRASHED.
   */
  run(feeds: Readonly<Record<string, Feed>>, options: RunOptions): Promise<Readonly<Record<string, Tensor>>>;
  /**
   * Runs the model once, and gives its outputs before they are there: calls that are fed them are sent at once and wait where the
   * models are, so that nothing stands still between two. Absent where calls cost no way.
   * @returns undefined where the outputs' shapes are not known beforehand
   * @throws MaskloomError as `run`, for what is wrong before the call
   */
  ahead?(
    feeds: Readonly<Record<string, Feed>>,
    options: Pick<RunOptions, 'outputs' | 'scope' | 'signal'>,
  ): AheadResult | undefined;
  /**
   * Runs a chain that begins with this model, in one message; called by {@link runChain}. Absent where calls cost no way.
   * @returns undefined where the chain's models do not live in one place
   */
  chain?(calls: readonly ChainedCall[], options: ChainOptions): Promise<ChainResults> | undefined;
  /**
   * Decodes with this language model where it is; other calls get their turn between its tokens. Absent where calls cost no way.
   * @returns undefined where the models do not live in one place
   * @throws MaskloomError as `run`
   */
  greedy?(request: GreedyRequest): Promise<GreedyAnswer> | undefined;
}

/** Turns text into ids and back. */
export interface Tokenizer {
  /** Ids of a text, without special tokens added around it; special tokens written in the text become their ids. */
  encode(text: string): readonly number[];
  /** Text of ids; special tokens kept. */
  decode(ids: readonly number[]): string;
  /**
   * The id of one token.
   * @throws MaskloomError BUNDLE_INVALID when the tokenizer has no such token.
   */
  id(token: string): number;
}

/**
 * What stages get their models from: a checked bundle on a device. Implemented by the runtime
 * package; stages never see ONNX.
 */
export interface ModelHost {
  /** The bundle's name, for provenance. */
  readonly bundle: string;
  /**
   * Opens (once; later calls share it) the model that fills `role` in the recipe being built.
   * @param role - e.g. `samEncoder`, `languageModel`
   * @throws MaskloomError BUNDLE_INVALID naming the roles that exist, MODEL_LOAD_FAILED, DEVICE_UNAVAILABLE.
   */
  model(role: string): Promise<ModelSession>;
  /** The ports of the model that would fill `role`, from the manifest: nothing is opened. */
  ports(role: string): ModelPorts;
  /** The bundle's tokenizer (loaded once). */
  tokenizer(): Promise<Tokenizer>;
  /** A group of constants, e.g. `sam`, `clip`, `llava`, `sasp`, with the recipe's overrides applied; stages validate it by a schema. */
  preset(name: string): unknown;
  /**
   * The models of another recipe of the same bundle, for a stage that brings a model of its own into a foreign
   * recipe. Disposed with this host.
   * @param id - `system/name` as the bundle knows it
   * @throws MaskloomError BUNDLE_INVALID naming the recipes that exist.
   */
  recipe(id: string): Promise<ModelHost>;
  /** A scope for tensors. */
  scope(): TensorScope;
  /** Live tensor handles, for leak tests. */
  readonly liveTensors: number;
  /** Closes every model and worker of this host. */
  dispose(): Promise<void>;
}
