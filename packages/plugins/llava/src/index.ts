export {
  llavaLanguageModel,
  type LlavaOptions,
  type SeeingLanguageModel,
} from './language/language-model.js';
export { oneVisionLanguageModel, type OneVisionOptions } from './language/onevision.js';
export { readOneVisionPreset, type LanguagePreset, type OneVisionPreset } from './language/preset.js';
export {
  openEmbeddingDecoder,
  type DecodeOptions,
  type EmbeddingDecoder,
} from './language/decode-embeddings.js';
export type { Written } from './language/written-rows.js';
export { openTextModel, type TextModel } from './language/text-model.js';
export { segProjector } from './seg-projector.js';
export {
  pointsFor,
  runFirstSeg,
  runSegRecipe,
  SEG_TOKEN,
  type SegRun,
  type SegStages,
} from './recipe/run-seg-recipe.js';
export {
  embeddingAndPointsWiring,
  embeddingWiring,
  pointsWiring,
  type EmbeddingAndPointsWiring,
  type EmbeddingWiring,
  type Link,
  type PointsWiring,
  type SegWiring,
  type WiringListsOf,
} from './recipe/wiring.js';
export { labelBefore } from './recipe/segment-labels.js';
export { llavaPlugin } from './plugin.js';
