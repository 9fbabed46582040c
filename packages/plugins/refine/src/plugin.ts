import { definePlugin } from '@maskloom/core';
import { concat, drawn, drawnBox } from './recipes.js';
import { concatRefiner, drawnBoxRefiner, drawnRefiner } from './refiners.js';

/** ROSE's refinement by conversation, in the three ways of its Table 6. */
export const refinePlugin = definePlugin({
  name: 'refine',
  version: '0.1.0',
  api: '^1.0',
  stages: [concatRefiner, drawnRefiner, drawnBoxRefiner],
  recipes: [concat, drawn, drawnBox],
});
