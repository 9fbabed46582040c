import { definePlugin } from '@maskloom/core';
import { dense, several, single, vanilla } from './recipes.js';
import { stackedAssembler } from './task-assembler.js';

/** The stacked `<SEG>` system (LISA family): a language model whose `<SEG>` states prompt SAM. */
export const stackedSegPlugin = definePlugin({
  name: 'stacked-seg',
  version: '0.1.0',
  api: '^1.0',
  stages: [stackedAssembler],
  recipes: [single, several, vanilla, dense],
});
