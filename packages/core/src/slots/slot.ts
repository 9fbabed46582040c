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

/**
 * What fills each slot. `Encoder` makes the features that masks are decoded from, `VisionEncoder`
 * those that the language model reads: the same kind of stage in two places.
 */
export interface SlotStages {
  /** Image to the views that dense towers read. */
  Tiler: TilerStage;
  /** Image to the features that masks are decoded from. */
  Encoder: EncoderStage;
  /** Image to the features that the language model reads. */
  VisionEncoder: EncoderStage;
  /** Image tokens and a prompt to text and hidden states. */
  LanguageModel: LanguageModelStage;
  /** Hidden states of all patches to proposals. */
  PatchAnalyzer: PatchAnalyzerStage;
  /** Hidden states to embedding prompts. */
  QueryProjector: QueryProjectorStage;
  /** A query state and image tokens to points. */
  PointPrompter: PointPrompterStage;
  /** Features and prompts to mask logits. */
  MaskDecoder: MaskDecoderStage;
  /** Embeddings, masks or candidates to names. */
  CategoryGenerator: CategoryGeneratorStage;
  /** Class names to descriptions. */
  PromptWriter: PromptWriterStage;
  /** Descriptions to vectors that images are compared with. */
  TextEmbedder: TextEmbedderStage;
  /** Text-aligned and spatial features to one grid. */
  FeatureFuser: FeatureFuserStage;
  /** Features and class embeddings to scores per class. */
  CostAggregator: CostAggregatorStage;
  /** Free-text names to labels. */
  LabelMapper: LabelMapperStage;
  /** A prediction and an instruction to a better prediction. */
  Refiner: RefinerStage;
  /** Decoded masks to segments. */
  Assembler: AssemblerStage;
  /** Scores per class to segments. */
  SemanticAssembler: SemanticAssemblerStage;
}

/** The names of all slots. */
export type SlotName = keyof SlotStages;

/** A slot as a value: what `.with(Slot, stage)` takes first. */
export interface Slot<K extends SlotName> {
  /** The slot's name. */
  readonly name: K;
}

const slot = <K extends SlotName>(name: K): Slot<K> => Object.freeze({ name });

/** Image to the views that dense towers read: one whole view, or sliding windows. */
export const Tiler = slot('Tiler');
/** The stage that fills {@link Tiler:var}. */
export type Tiler = TilerStage;
/** Image to the features that masks are decoded from. */
export const Encoder = slot('Encoder');
/** The stage that fills {@link Encoder:var}. */
export type Encoder = EncoderStage;
/** Image to the features that the language model reads. */
export const VisionEncoder = slot('VisionEncoder');
/** The stage that fills {@link VisionEncoder:var}. */
export type VisionEncoder = EncoderStage;
/** Image tokens and a prompt to text and hidden states. */
export const LanguageModel = slot('LanguageModel');
/** The stage that fills {@link LanguageModel:var}. */
export type LanguageModel = LanguageModelStage;
/** Hidden states of all patches to objectness and embeddings per patch. */
export const PatchAnalyzer = slot('PatchAnalyzer');
/** The stage that fills {@link PatchAnalyzer:var}. */
export type PatchAnalyzer = PatchAnalyzerStage;
/** Hidden states to the mask decoder's prompt embeddings. */
export const QueryProjector = slot('QueryProjector');
/** The stage that fills {@link QueryProjector:var}. */
export type QueryProjector = QueryProjectorStage;
/** A query state and image tokens to labelled points. */
export const PointPrompter = slot('PointPrompter');
/** The stage that fills {@link PointPrompter:var}. */
export type PointPrompter = PointPrompterStage;
/** Features and prompts to mask logits. */
export const MaskDecoder = slot('MaskDecoder');
/** The stage that fills {@link MaskDecoder:var}. */
export type MaskDecoder = MaskDecoderStage;
/** Category embeddings, masks or candidates to names. */
export const CategoryGenerator = slot('CategoryGenerator');
/** The stage that fills {@link CategoryGenerator:var}. */
export type CategoryGenerator = CategoryGeneratorStage;
/** Class names to descriptive sentences. */
export const PromptWriter = slot('PromptWriter');
/** The stage that fills {@link PromptWriter:var}. */
export type PromptWriter = PromptWriterStage;
/** Descriptions to vectors that images are compared with. */
export const TextEmbedder = slot('TextEmbedder');
/** The stage that fills {@link TextEmbedder:var}. */
export type TextEmbedder = TextEmbedderStage;
/** Text-aligned and spatial features to one grid. */
export const FeatureFuser = slot('FeatureFuser');
/** The stage that fills {@link FeatureFuser:var}. */
export type FeatureFuser = FeatureFuserStage;
/** Features and class embeddings to scores per class. */
export const CostAggregator = slot('CostAggregator');
/** The stage that fills {@link CostAggregator:var}. */
export type CostAggregator = CostAggregatorStage;
/** Free-text names to a data set's labels. */
export const LabelMapper = slot('LabelMapper');
/** The stage that fills {@link LabelMapper:var}. */
export type LabelMapper = LabelMapperStage;
/** A prediction and an instruction to a better prediction. */
export const Refiner = slot('Refiner');
/** The stage that fills {@link Refiner:var}. */
export type Refiner = RefinerStage;
/** Decoded masks to the final segments. */
export const Assembler = slot('Assembler');
/** The stage that fills {@link Assembler:var}. */
export type Assembler = AssemblerStage;
/** Scores per class and view to the final segments. */
export const SemanticAssembler = slot('SemanticAssembler');
/** The stage that fills {@link SemanticAssembler:var}. */
export type SemanticAssembler = SemanticAssemblerStage;

/** Every slot, in the order in which a picture flows through them. */
export const SLOTS: readonly Slot<SlotName>[] = Object.freeze([
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
