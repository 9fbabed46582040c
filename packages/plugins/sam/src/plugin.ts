import { definePlugin } from '@maskloom/core';
import { samEncoder } from './encoder.js';
import { samMaskDecoder } from './mask-decoder.js';
import { prompted } from './prompted.js';
import { thresholdAssembler } from './threshold-assembler.js';

/** Segment Anything: image encoder, prompt encoder with mask decoder, a plain assembler, and the three as a recipe. */
export const samPlugin = definePlugin({
  name: 'sam',
  version: '0.1.0',
  api: '^1.0',
  stages: [samEncoder, samMaskDecoder, thresholdAssembler],
  recipes: [prompted],
});
