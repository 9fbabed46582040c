export { patchAnalyzer, type PatchAnalyzerOptions } from './analyze/patch-analyzer.js';
export { instanceAssembler, type InstanceAssemblerOptions } from './assemble/instance-assembler.js';
export { panopticAssembler, type PanopticAssemblerOptions } from './assemble/panoptic-assembler.js';
export { semanticAssembler, type SemanticAssemblerOptions } from './assemble/semantic-assembler.js';
export { taskAssembler, type TaskAssemblerOptions } from './assemble/task-assembler.js';
export { exactOrSynonym, type ExactOrSynonymOptions } from './mapping/exact-or-synonym.js';
export { siglipSimilarity, type SiglipSimilarityOptions } from './mapping/siglip-similarity.js';
export { sentenceSimilarity, type SentenceSimilarityOptions } from './mapping/sentence-similarity.js';
export { alongRegion, type AlongRegionOptions } from './naming/along-region.js';
export { nameByRequest } from './naming/by-request.js';
export { decodeEmbedding, NAMELESS, type DecodeEmbeddingOptions } from './naming/decode-embedding.js';
export {
  similarityOverCandidates,
  type SimilarityOverCandidatesOptions,
} from './naming/similarity-over-candidates.js';
export { readRosePreset, type RosePreset, type SuperPatch } from './preset.js';
export { alongRegions, loraRows, patch, patchCentres, super2x2, super3x3 } from './recipe/recipes.js';
export { roseRun, type RoseAnswer, type RosePrompt, type RoseStages } from './recipe/run-rose.js';
export { withPoints, type PointedWiring } from './recipe/with-points.js';
export { centreWiring, roseWiring, type CentreWiring, type RoseWiring } from './recipe/wiring.js';
export { gather, type ChosenEmbeddings } from './select/gather.js';
export { selectPatches, type Selection } from './select/select-patches.js';
export { rosePlugin } from './plugin.js';
