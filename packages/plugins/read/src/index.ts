export { full, maps, points, seg, segPoints, type MapsWiring } from './recipes/recipes.js';
export { withSasP, type SegLikeWiring, type WithPoints, type WithSasPOptions } from './recipes/with-sasp.js';
export {
  similarityAsPoints,
  type InterpolationOptions,
  type SimilarityAsPointsOptions,
} from './prompters/similarity-as-points.js';
export { topKPoints, type TopKPointsOptions } from './prompters/top-k-points.js';
export { noPoints } from './prompters/no-points.js';
export { SASP_PRESETS } from './prompters/sasp-presets.js';
export { similarityToPoints, type SaspSettings } from './sasp/sasp.js';
export type { Interpolation } from './sasp/discrete-to-continuous.js';
export type { FixedThresholds, MeanSigmaThresholds, Thresholds } from './sasp/select-points.js';
export type { Grid } from './sasp/score-grid.js';
export { readPlugin } from './plugin.js';
