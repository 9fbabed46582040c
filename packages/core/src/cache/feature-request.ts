import type { FeatureMap } from '../domain/feature-map.js';
import type { ImageFrame } from '../domain/image-frame.js';
import type { RunContext } from '../slots/stage.js';

/** What a pipeline asks the cache for. */
export interface FeatureRequest {
  /** Tensors can be shared only within one owner: the model source. */
  readonly owner: object;
  /** The encoder's `cacheKey`. */
  readonly key: string;
  /** The image to encode; its hash is part of the key. */
  readonly image: ImageFrame;
  /** The asking run: its signal ends the waiting, its progress and warnings are used when it encodes. */
  readonly run: RunContext;
  /** Makes the features; must let `run.scope` own their tensor. */
  readonly encode: (run: RunContext) => Promise<FeatureMap>;
}

/** Features in use: they stay valid until `release`. */
export interface FeatureLease {
  /** The features; not to be released by their user. */
  readonly features: FeatureMap;
  /** True when no encoding was started for this request. */
  readonly hit: boolean;
  /** Ends this use. Releasing twice is harmless. */
  release(): void;
}
