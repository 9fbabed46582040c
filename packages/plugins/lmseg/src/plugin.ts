import { definePlugin } from '@maskloom/core';
import { semanticAssembler } from './assemble/semantic-assembler.js';
import { costAggregation } from './cost/aggregator.js';
import { plainCosts } from './cost/plain-costs.js';
import { denseOnly } from './fusion/dense-only.js';
import { fusion } from './fusion/fusion.js';
import { maskPooledLabels } from './naming/mask-pooled-labels.js';
import { allAttributes, oneAttribute } from './prompts/described.js';
import { bareName, template } from './prompts/plain-writers.js';
import { catSeg } from './recipes/cat-seg.js';
import { enhancementRows, full, fusionRows, tuningRows } from './recipes/recipes.js';
import { denseViews } from './views/views.js';

/** LMSeg: its stages, the whole model as default recipe, and the rows of its ablations. */
export const lmsegPlugin = definePlugin({
  name: 'lmseg',
  version: '0.1.0',
  api: '^1.0',
  stages: [
    denseViews,
    bareName,
    template,
    oneAttribute,
    allAttributes,
    fusion,
    denseOnly,
    costAggregation,
    plainCosts,
    maskPooledLabels,
    semanticAssembler,
  ],
  recipes: [full, ...fusionRows, ...enhancementRows, ...tuningRows, catSeg],
});
