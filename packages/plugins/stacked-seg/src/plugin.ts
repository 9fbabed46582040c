import { definePlugin } from '@maskloom/core';
import { several, single } from './recipes.js';

/** The stacked `<SEG>` system (LISA family): a language model whose `<SEG>` states prompt SAM. */
export const stackedSegPlugin = definePlugin({
  name: 'stacked-seg',
  version: '0.1.0',
  api: '^1.0',
  stages: [],
  recipes: [single, several],
});
