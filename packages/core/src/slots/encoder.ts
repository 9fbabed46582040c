import type { FeatureMap } from '../domain/feature-map.js';
import type { ImageFrame } from '../domain/image-frame.js';
import type { RunContext, Stage } from './stage.js';

/** Image to features: a SAM, CLIP or SigLIP tower, or a fusion of several. */
export interface Encoder extends Stage {
  /** Names model and preprocessing: equal keys on equal images give equal features, so they may be shared. */
  readonly cacheKey: string;
  /** Most images that it encodes in one call when they are asked for at once; 1 when absent. */
  readonly batch?: number;
  /**
   * @param image - sRGB image of any size
   * @returns features of the whole image or of the part the tower sees (see `transform`)
   */
  encode(image: ImageFrame, run: RunContext): Promise<FeatureMap>;
}
