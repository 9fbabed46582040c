import type { NamedWeight } from '../client/safetensors.js';
import type { BundleBuilder } from './bundle-builder.js';
import type { ReadyGraph } from './dtypes.js';
import type { Json, RepositoryFiles } from './repository-files.js';

/** What an adapter works on. */
export interface Given {
  readonly files: RepositoryFiles;
  /** `config.json`. */
  readonly config: Json;
  /** `preprocessor_config.json`, or an empty object. */
  readonly preprocessor: Json;
  /** The graphs that were fetched, by name; those of one of {@link Adapter.graphs}. */
  readonly graphs: ReadonlyMap<string, ReadyGraph>;
  readonly builder: BundleBuilder;
  /** Weights that the graphs leave out, from the original's `model.safetensors`; those that cannot be had are missing. */
  readonly weights: (names: readonly string[]) => Promise<ReadonlyMap<string, NamedWeight>>;
  /** Told what the bundle cannot do. */
  readonly warn: (message: string) => void;
}

/** Turns ready-made repositories of some `model_type`s into bundles. */
export interface Adapter {
  /** Values of `model_type` in `config.json`. */
  readonly modelTypes: readonly string[];
  /** Sets of graphs of which a repository needs one, the best first. */
  readonly graphs: readonly (readonly string[])[];
  /**
   * Fills the builder.
   * @throws MaskloomError MODEL_UNSUPPORTED naming what is missing, HUB_FILE_DAMAGED
   */
  readonly adapt: (given: Given) => Promise<void>;
}
