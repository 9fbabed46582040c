import type { FeatureCache } from '../cache/feature-cache.js';

/** How one image is segmented. */
export interface SegmentOptions {
  /** Ends the run before the next stage call. */
  readonly signal?: AbortSignal;
  /** Shares encoder outputs with other requests and pipelines. */
  readonly cache?: FeatureCache;
}
