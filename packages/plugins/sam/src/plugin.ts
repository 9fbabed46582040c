import { definePlugin } from '@maskloom/core';
import { samCrops } from './everything/crops.js';
import { everything } from './everything/everything.js';
import { everythingNamed } from './everything/everything-named.js';
import { maskSifter } from './everything/mask-sifter.js';
import { pointGrid } from './everything/point-grid.js';
import { samEncoder } from './encoder.js';
import { samMaskDecoder } from './mask-decoder.js';
import { prompted } from './prompted.js';
import { samSimilarityDecoder } from './similarity-decoder.js';
import { thresholdAssembler } from './threshold-assembler.js';

/**
 * Segment Anything: image encoder, prompt encoder with mask decoder, a plain assembler; crops, a grid of points and what
 * sifts their masks; and as recipes: prompted, everything, and
 * everything named from a list.
 */
export const samPlugin = definePlugin({
  name: 'sam',
  version: '0.1.0',
  api: '^1.0',
  stages: [
    samCrops,
    samEncoder,
    pointGrid,
    samMaskDecoder,
    samSimilarityDecoder,
    maskSifter,
    thresholdAssembler,
  ],
  recipes: [prompted, everything, everythingNamed],
});
