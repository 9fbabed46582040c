import { definePlugin } from '@maskloom/core';
import { patchAnalyzer } from './analyze/patch-analyzer.js';
import { instanceAssembler } from './assemble/instance-assembler.js';
import { panopticAssembler } from './assemble/panoptic-assembler.js';
import { semanticAssembler } from './assemble/semantic-assembler.js';
import { taskAssembler } from './assemble/task-assembler.js';
import { exactOrSynonym } from './mapping/exact-or-synonym.js';
import { siglipSimilarity } from './mapping/siglip-similarity.js';
import { sentenceSimilarity } from './mapping/sentence-similarity.js';
import { alongRegion } from './naming/along-region.js';
import { nameByRequest } from './naming/by-request.js';
import { decodeEmbedding } from './naming/decode-embedding.js';
import { similarityOverCandidates } from './naming/similarity-over-candidates.js';
import { alongRegions, loraRows, patch, patchCentres, super2x2, super3x3 } from './recipe/recipes.js';

/** ROSE: patch-wise perception, names without a list; its recipes are the rows of the paper's Tables 3 to 5. */
export const rosePlugin = definePlugin({
  name: 'rose',
  version: '0.1.0',
  api: '^1.0',
  stages: [
    patchAnalyzer,
    nameByRequest,
    decodeEmbedding,
    alongRegion,
    similarityOverCandidates,
    exactOrSynonym,
    siglipSimilarity,
    sentenceSimilarity,
    taskAssembler,
    instanceAssembler,
    semanticAssembler,
    panopticAssembler,
  ],
  recipes: [patch, super3x3, super2x2, alongRegions, patchCentres, ...loraRows],
});
