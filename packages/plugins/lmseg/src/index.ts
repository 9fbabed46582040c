export { full, fusionRows, enhancementRows, tuningRows } from './recipes/recipes.js';
export { lmsegWiring, type LmsegWiring, type LmsegWiringLists } from './recipes/wiring.js';
export { catSeg, catSegWiring, type CatSegWiring, type CatSegWiringLists } from './recipes/cat-seg.js';
export { runLmseg, type LmsegStages } from './recipes/run-lmseg.js';
export { denseViews, type DenseViewsOptions } from './views/views.js';
export { cutViews, windowStarts, type ViewSettings } from './views/cut-views.js';
export { fusion, type FusionOptions } from './fusion/fusion.js';
export { denseOnly } from './fusion/dense-only.js';
export { unitGrid } from './fusion/unit-grid.js';
export { costAggregation, type CostAggregationOptions } from './cost/aggregator.js';
export { plainCosts, type PlainCostsOptions } from './cost/plain-costs.js';
export { semanticAssembler, type SemanticAssemblerOptions } from './assemble/semantic-assembler.js';
export { parseLabels, type ClassLabel, type ClassList } from '@maskloom/core';
export { bareName, template, type TemplateOptions } from './prompts/plain-writers.js';
export {
  allAttributes,
  oneAttribute,
  type DescribedOptions,
  type OneAttributeOptions,
} from './prompts/described.js';
export { writerOf } from './prompts/writer-of.js';
export {
  ATTRIBUTES,
  PROMPT_VARIANTS,
  type Attribute,
  type ClassDescription,
  type DescribedBy,
  type PromptVariant,
} from './prompts/variants.js';
export type { Describer, DescriptionSource } from './prompts/source.js';
export { syntheticDescriber } from './prompts/sources/synthetic.js';
export type { World } from './prompts/sources/world.js';
export {
  DESCRIPTIONS_SCHEMA,
  readDescriptions,
  storedDescriptions,
  writeDescriptions,
  type StoredDescriptions,
} from './prompts/sources/stored.js';
export { SHIPPED_DESCRIPTIONS } from './prompts/sources/shipped.js';
export { LOCAL_MODELS, localModel, type LocalModelOptions } from './prompts/local/local-model.js';
export { openAiCompatible, type OpenAiCompatibleOptions } from './prompts/service/openai-compatible.js';
export type { Message } from './prompts/service/question.js';
export { maskPooledLabels, type MaskPooledLabelsOptions } from './naming/mask-pooled-labels.js';
export { withMaskLabels } from './naming/with-mask-labels.js';
export { lmsegPlugin } from './plugin.js';
