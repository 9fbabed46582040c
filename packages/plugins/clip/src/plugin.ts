import { definePlugin } from '@maskloom/core';
import { siglipTower } from './siglip-tower.js';
import { clipDense } from './dense.js';
import { siglipDense } from './siglip-dense.js';
import { maskNames } from './naming/mask-names.js';
import { clipText, sentenceText, siglipText } from './text/text-embedders.js';
import { clipTower } from './tower.js';

/** CLIP's and SigLIP's vision and text towers, as stages for any system. */
export const clipPlugin = definePlugin({
  name: 'clip',
  version: '0.1.0',
  api: '^1.0',
  stages: [clipTower, siglipTower, clipDense, siglipDense, clipText, siglipText, sentenceText, maskNames],
});
