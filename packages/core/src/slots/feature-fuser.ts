import type { FeatureMap } from '../domain/feature-map.js';
import type { RunContext, Stage } from './stage.js';

/** A weight w of `w * dense + (1 - w) * spatial`, as a model learned it. */
export interface FusionWeight {
  /** One number, one per channel, or one per cell. */
  readonly kind: 'scalar' | 'channel' | 'position';
  /** 0..1; length 1, channels, or rows * columns (row-major). */
  readonly values: Float32Array;
}

/** Features that texts can be compared with, cell by cell. */
export interface FusedFeatures {
  /** Layout `grid`, [1, width, rows, columns], unit length over the channels, in the texts' space. */
  readonly features: FeatureMap;
  /** How the two were weighed, where a weight says so. */
  readonly weight?: FusionWeight;
}

/** Text-aligned features and spatial features of one view to one grid (LMSeg, section 3.3). */
export interface FeatureFuser extends Stage {
  /**
   * @param dense - text-aligned tokens, e.g. of CLIP
   * @param spatial - features of another tower on the same view, e.g. SAM's grid
   */
  fuse(dense: FeatureMap, spatial: FeatureMap, run: RunContext): Promise<FusedFeatures>;
}
