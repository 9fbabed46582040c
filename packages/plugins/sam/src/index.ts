export { samEncoder } from './encoder.js';
export { samMaskDecoder } from './mask-decoder.js';
export { thresholdAssembler } from './threshold-assembler.js';
export { samPlugin } from './plugin.js';
