export { samEncoder } from './encoder.js';
export { samMaskDecoder, type SamMaskDecoderOptions } from './mask-decoder.js';
export { thresholdAssembler, type ThresholdAssemblerOptions } from './threshold-assembler.js';
export { prompted, type PromptedWiring } from './prompted.js';
export { keptOf, maskNms, pickMasks } from './assemble/mask-nms.js';
export {
  bitIou,
  bitMasks,
  coveredCells,
  type BitMasks,
  type CoveredCells,
} from './assemble/low-resolution.js';
export { mergeChannels, type MergedLabels, type MergeRule } from './assemble/semantic-merge.js';
export { labelSegments } from './assemble/label-segments.js';
export { mergeByName, scoresOf } from './assemble/merge-by-name.js';
export { samPlugin } from './plugin.js';
