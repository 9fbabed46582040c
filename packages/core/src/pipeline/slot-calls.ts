import type { SlotName, SlotStages } from '../slots/slot.js';

type Calls = { readonly [K in SlotName]: readonly (keyof SlotStages[K] & string)[] };

/** The calls of each slot's contract: those that are traced, and that a stage must have. */
export const SLOT_CALLS: Calls = {
  Encoder: ['encode'],
  VisionEncoder: ['encode'],
  LanguageModel: ['read'],
  PatchAnalyzer: ['analyze'],
  QueryProjector: ['project'],
  PointPrompter: ['prompt'],
  MaskDecoder: ['decode'],
  CategoryGenerator: ['name'],
  PromptWriter: ['describe'],
  LabelMapper: ['map'],
  Refiner: ['refine'],
  Assembler: ['assemble'],
};
