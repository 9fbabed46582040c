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
export { canonicalJson } from './measure/canonical-json.js';
export { compareImages } from './measure/image-order.js';
export type {
  Accumulator,
  AccumulatorState,
  ImageFigure,
  JsonValue,
  MeasuredFigure,
  Measure,
  MeasureResult,
  ResultOptions,
  Switches,
} from './measure/measure.js';
export type { RatioSums } from './measure/ratio-sums.js';
export {
  referringMeasure,
  type ReferringInput,
  type ReferringSwitches,
} from './referring/referring-measure.js';
export { expressionQueries, premiseQueries, type ScoredQuery } from './referring/scored-query.js';
export { coveredOnce } from './referring/truth.js';
export { confusionOf, type ConfusionMatrix, type ConfusionPart } from './semantic/confusion.js';
export type { ClassMap, PaintedClasses } from './semantic/label-map.js';
export { semanticMeasure, type SemanticInput, type SemanticOptions } from './semantic/semantic-measure.js';
export type { ApDetection, ApInput, ApKind, ApTruth, CocoBox } from './coco/ap-input.js';
export type { ApPart, CategoryPart } from './coco/ap-part.js';
export { cocoApMeasure, cocoStats, type ApCategory, type CocoApOptions } from './coco/coco-ap.js';
export { compareAccumulators, type CompareOptions, type PairedComparison } from './measure/compare.js';
export {
  freeApMeasure,
  mapFreeNames,
  type FreeApInput,
  type FreeApOptions,
  type FreeDetection,
  type FreeTruth,
} from './coco/free-ap.js';
export type { PanopticInput, PanopticPart, PanopticShape } from './panoptic/count-panoptic.js';
export { panopticMeasure, type PanopticCategory } from './panoptic/panoptic-measure.js';
export { worstClasses, type RefinementSituation, type WorstClass } from './semantic/refinement-choice.js';
export { similarityAtImageSize, type MapGeometry } from './similarity/at-image-size.js';
export { bestThreshold, type BestThreshold } from './similarity/grid-search.js';
export {
  similarityIouMeasure,
  type SimilarityInput,
  type SimilarityIouOptions,
} from './similarity/similarity-measure.js';
export { similarityPrompts, type SimilarityPromptOptions } from './similarity/similarity-prompts.js';
export { defineMeasure } from './measure/define-measure.js';
export { RatioCounter } from './measure/ratio-sums.js';
export { shareMeasure } from './measure/share-measure.js';
export { paintClasses } from './semantic/label-map.js';
export type { ReferringPhrase } from './referring/phrase.js';
export {
  cocoScores,
  type CocoResult,
  type CocoScoreOptions,
  type CocoScores,
  type CocoTruthFile,
} from './coco/coco-files.js';
