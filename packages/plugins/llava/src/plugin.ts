import { definePlugin } from '@maskloom/core';
import { llavaLanguageModel } from './language/language-model.js';
import { oneVisionLanguageModel } from './language/onevision.js';
import { segProjector } from './seg-projector.js';

/** LLaVA-1.5's and LLaVA-OneVision's language models and the `<SEG>` projection, as stages for any system. */
export const llavaPlugin = definePlugin({
  name: 'llava',
  version: '0.1.0',
  api: '^1.0',
  stages: [llavaLanguageModel, oneVisionLanguageModel, segProjector],
  recipes: [],
});
