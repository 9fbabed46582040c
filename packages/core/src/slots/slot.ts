import type { CoreSlotName } from './slot-stages.js';
import type { CallOf } from './call-of.js';
import { freezeSlot, type Slot } from './slot-value.js';
import type { Encoder as EncoderStage } from './encoder.js';
import type { LanguageModel as LanguageModelStage } from './language-model.js';
import type { PatchAnalyzer as PatchAnalyzerStage } from './patch-analyzer.js';
import type { QueryProjector as QueryProjectorStage } from './query-projector.js';
import type { PointPrompter as PointPrompterStage } from './point-prompter.js';
import type { MaskDecoder as MaskDecoderStage } from './mask-decoder.js';
import type { CategoryGenerator as CategoryGeneratorStage } from './category-generator.js';
import type { PromptWriter as PromptWriterStage } from './prompt-writer.js';
import type { LabelMapper as LabelMapperStage } from './label-mapper.js';
import type { Refiner as RefinerStage } from './refiner.js';
import type { Assembler as AssemblerStage } from './assembler.js';
import type { Tiler as TilerStage } from './tiler.js';
import type { TextEmbedder as TextEmbedderStage } from './text-embedder.js';
import type { FeatureFuser as FeatureFuserStage } from './feature-fuser.js';
import type { CostAggregator as CostAggregatorStage } from './cost-aggregator.js';
import type { SemanticAssembler as SemanticAssemblerStage } from './semantic-assembler.js';

/** A slot of this package, at its place. Typed so that a call cannot be misspelt. */
function own<K extends CoreSlotName>(
  name: K,
  place: number,
  summary: string,
  calls: readonly CallOf<K>[],
  sessionCalls?: readonly string[],
): Slot<K> {
  return freezeSlot({ name, summary, place: [place], calls, ...(sessionCalls && { sessionCalls }) });
}

/** Image to the views that dense towers read: one whole view, or sliding windows. */
export const Tiler = own(
  'Tiler',
  0,
  'Image to the views that dense towers read: one whole view, or sliding windows.',
  ['plan'],
);
/** The stage that fills {@link Tiler:var}. */
export type Tiler = TilerStage;
/** Image to the features that masks are decoded from. */
export const Encoder = own('Encoder', 1, 'Image to the features that masks are decoded from.', ['encode']);
/** The stage that fills {@link Encoder:var}. */
export type Encoder = EncoderStage;
/** Image to the features that the language model reads. */
export const VisionEncoder = own('VisionEncoder', 2, 'Image to the features that the language model reads.', [
  'encode',
]);
/** The stage that fills {@link VisionEncoder:var}. */
export type VisionEncoder = EncoderStage;
/** Class names to descriptive sentences. */
export const PromptWriter = own('PromptWriter', 3, 'Class names to descriptive sentences.', ['describe']);
/** The stage that fills {@link PromptWriter:var}. */
export type PromptWriter = PromptWriterStage;
/** Descriptions to vectors that images are compared with. */
export const TextEmbedder = own('TextEmbedder', 4, 'Descriptions to vectors that images are compared with.', [
  'embed',
]);
/** The stage that fills {@link TextEmbedder:var}. */
export type TextEmbedder = TextEmbedderStage;
/** Image tokens and a prompt to text and hidden states. */
export const LanguageModel = own(
  'LanguageModel',
  5,
  'Image tokens and a prompt to text and hidden states.',
  ['read'],
  ['answer'],
);
/** The stage that fills {@link LanguageModel:var}. */
export type LanguageModel = LanguageModelStage;
/** Hidden states of all patches to objectness and embeddings per patch. */
export const PatchAnalyzer = own(
  'PatchAnalyzer',
  6,
  'Hidden states of all patches to objectness and embeddings per patch.',
  ['analyze'],
);
/** The stage that fills {@link PatchAnalyzer:var}. */
export type PatchAnalyzer = PatchAnalyzerStage;
/** Hidden states to the mask decoder's prompt embeddings. */
export const QueryProjector = own(
  'QueryProjector',
  7,
  "Hidden states to the mask decoder's prompt embeddings.",
  ['project'],
);
/** The stage that fills {@link QueryProjector:var}. */
export type QueryProjector = QueryProjectorStage;
/** A query state and image tokens to labelled points. */
export const PointPrompter = own('PointPrompter', 8, 'A query state and image tokens to labelled points.', [
  'prompt',
]);
/** The stage that fills {@link PointPrompter:var}. */
export type PointPrompter = PointPrompterStage;
/** Features and prompts to mask logits. */
export const MaskDecoder = own('MaskDecoder', 9, 'Features and prompts to mask logits.', ['decode']);
/** The stage that fills {@link MaskDecoder:var}. */
export type MaskDecoder = MaskDecoderStage;
/** Text-aligned and spatial features to one grid. */
export const FeatureFuser = own('FeatureFuser', 10, 'Text-aligned and spatial features to one grid.', [
  'fuse',
]);
/** The stage that fills {@link FeatureFuser:var}. */
export type FeatureFuser = FeatureFuserStage;
/** Features and class embeddings to scores per class. */
export const CostAggregator = own(
  'CostAggregator',
  11,
  'Features and class embeddings to scores per class.',
  ['prepare'],
  ['scores'],
);
/** The stage that fills {@link CostAggregator:var}. */
export type CostAggregator = CostAggregatorStage;
/** Category embeddings, masks or candidates to names. */
export const CategoryGenerator = own(
  'CategoryGenerator',
  12,
  'Category embeddings, masks or candidates to names.',
  ['name'],
);
/** The stage that fills {@link CategoryGenerator:var}. */
export type CategoryGenerator = CategoryGeneratorStage;
/** Free-text names to a data set's labels. */
export const LabelMapper = own('LabelMapper', 13, "Free-text names to a data set's labels.", ['map']);
/** The stage that fills {@link LabelMapper:var}. */
export type LabelMapper = LabelMapperStage;
/** A prediction and an instruction to a better prediction. */
export const Refiner = own('Refiner', 14, 'A prediction and an instruction to a better prediction.', [
  'refine',
]);
/** The stage that fills {@link Refiner:var}. */
export type Refiner = RefinerStage;
/** Decoded masks to the final segments. */
export const Assembler = own('Assembler', 15, 'Decoded masks to the final segments.', ['assemble']);
/** The stage that fills {@link Assembler:var}. */
export type Assembler = AssemblerStage;
/** Scores per class and view to the final segments. */
export const SemanticAssembler = own(
  'SemanticAssembler',
  16,
  'Scores per class and view to the final segments.',
  ['assemble'],
);
/** The stage that fills {@link SemanticAssembler:var}. */
export type SemanticAssembler = SemanticAssemblerStage;

/** Every slot of this package, in the order in which a picture flows through them. */
export const SLOTS: readonly Slot<CoreSlotName>[] = Object.freeze([
  Tiler,
  Encoder,
  VisionEncoder,
  PromptWriter,
  TextEmbedder,
  LanguageModel,
  PatchAnalyzer,
  QueryProjector,
  PointPrompter,
  MaskDecoder,
  FeatureFuser,
  CostAggregator,
  CategoryGenerator,
  LabelMapper,
  Refiner,
  Assembler,
  SemanticAssembler,
]);
