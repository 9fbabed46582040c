import type { SlotName, SlotStages } from '../slots/slot.js';

type Calls = { readonly [K in SlotName]: readonly (keyof SlotStages[K] & string)[] };

/** The calls of each slot's contract: those that are traced, and that a stage must have. */
export const SLOT_CALLS: Calls = {
  Tiler: ['plan'],
  Encoder: ['encode'],
  VisionEncoder: ['encode'],
  LanguageModel: ['read'],
  PatchAnalyzer: ['analyze'],
  QueryProjector: ['project'],
  PointPrompter: ['prompt'],
  MaskDecoder: ['decode'],
  CategoryGenerator: ['name'],
  PromptWriter: ['describe'],
  TextEmbedder: ['embed'],
  FeatureFuser: ['fuse'],
  CostAggregator: ['prepare'],
  LabelMapper: ['map'],
  Refiner: ['refine'],
  Assembler: ['assemble'],
  SemanticAssembler: ['assemble'],
};

/** Calls of the objects that some slots' calls give: traced as the stage's own work. */
export const SESSION_CALLS: Partial<Readonly<Record<SlotName, readonly string[]>>> = {
  LanguageModel: ['answer'],
  CostAggregator: ['scores'],
};
