import { definePlugin } from '@maskloom/core';
import { llavaLanguageModel } from './language/language-model.js';
import { segProjector } from './seg-projector.js';

/** LLaVA-1.5's language model and the `<SEG>` projection, as stages for any system. */
export const llavaPlugin = definePlugin({
  name: 'llava',
  version: '0.1.0',
  api: '^1.0',
  stages: [llavaLanguageModel, segProjector],
  recipes: [],
});
