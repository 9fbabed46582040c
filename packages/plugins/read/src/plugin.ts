import { definePlugin } from '@maskloom/core';
import { noPoints } from './prompters/no-points.js';
import { similarityAsPoints } from './prompters/similarity-as-points.js';
import { topKPoints } from './prompters/top-k-points.js';
import { full, maps, points, seg, segPoints } from './recipes/recipes.js';

/** READ: Similarity as Points, and its recipes; the whole system is the default. */
export const readPlugin = definePlugin({
  name: 'read',
  version: '0.1.0',
  api: '^1.0',
  stages: [similarityAsPoints, topKPoints, noPoints],
  recipes: [full, seg, points, segPoints, maps],
});
