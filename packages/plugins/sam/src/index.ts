export { samEncoder, type SamEncoderOptions } from './encoder.js';
export { samMaskDecoder, type SamMaskDecoderOptions } from './mask-decoder.js';
export { samSimilarityDecoder, type SamSimilarityDecoderOptions } from './similarity-decoder.js';
export { thresholdAssembler, type ThresholdAssemblerOptions } from './threshold-assembler.js';
export { prompted, type PromptedWiring } from './prompted.js';
export { everything, everythingWith } from './everything/everything.js';
export {
  everythingNamed,
  everythingNamedWith,
  type EverythingNamedOptions,
  type EverythingNamedWiring,
} from './everything/everything-named.js';
export type { EverythingOptions, EverythingWiring } from './everything/wiring.js';
export { MaskSifter, PointSampler, type MaskProposal, type SampledMasks } from './everything/slots.js';
export { samCrops, type SamCropsOptions } from './everything/crops.js';
export { pointGrid, type PointGridOptions } from './everything/point-grid.js';
export { maskSifter } from './everything/mask-sifter.js';
export { type MaskSifterOptions } from './everything/sifter-options.js';
export { keptOf, maskNms, pickMasks } from './assemble/mask-nms.js';
export {
  bitMasks,
  coveredCells,
  overlapAbove,
  type BitMasks,
  type CoveredCells,
} from './assemble/low-resolution.js';
export { mergeChannels, type MergedLabels, type MergeRule } from './assemble/semantic-merge.js';
export { labelSegments } from './assemble/label-segments.js';
export { mergeByName, scoresOf } from './assemble/merge-by-name.js';
export { samPlugin } from './plugin.js';
