export { samEncoder } from './encoder.js';
export { samMaskDecoder, type SamMaskDecoderOptions } from './mask-decoder.js';
export { thresholdAssembler, type ThresholdAssemblerOptions } from './threshold-assembler.js';
export { prompted, type PromptedWiring } from './prompted.js';
export { samPlugin } from './plugin.js';
