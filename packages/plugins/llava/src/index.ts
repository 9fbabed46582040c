export { llavaLanguageModel, type LlavaOptions } from './language/language-model.js';
export { segProjector } from './seg-projector.js';
export { pointsFor, runSegRecipe, SEG_TOKEN, type SegStages } from './recipe/run-seg-recipe.js';
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
