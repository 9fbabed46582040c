export {
  bootstrapRatio,
  wilsonInterval,
  type BootstrapOptions,
  type Interval,
  type RatioPart,
} from './intervals.js';
export { cIou, gIou, queryIou, type IouRules } from './iou.js';
export { countPixels, type PixelCounts } from './mask-overlap.js';
export { ReferringScores, type PredictedMask } from './referring-scores.js';
export { swapPartners } from './swapped.js';
export { Tally, type Figure } from './tally.js';
