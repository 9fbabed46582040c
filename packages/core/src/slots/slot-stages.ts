import type { Assembler } from './assembler.js';
import type { CategoryGenerator } from './category-generator.js';
import type { CostAggregator } from './cost-aggregator.js';
import type { Encoder } from './encoder.js';
import type { FeatureFuser } from './feature-fuser.js';
import type { LabelMapper } from './label-mapper.js';
import type { LanguageModel } from './language-model.js';
import type { MaskDecoder } from './mask-decoder.js';
import type { PatchAnalyzer } from './patch-analyzer.js';
import type { PointPrompter } from './point-prompter.js';
import type { PromptWriter } from './prompt-writer.js';
import type { QueryProjector } from './query-projector.js';
import type { Refiner } from './refiner.js';
import type { SemanticAssembler } from './semantic-assembler.js';
import type { TextEmbedder } from './text-embedder.js';
import type { Tiler } from './tiler.js';

/**
 * What fills each of this package's own slots. `Encoder` makes the features that masks are decoded from,
 * `VisionEncoder` those that the language model reads: the same kind of stage in two places.
 */
export interface CoreSlotStages {
  /** Image to the views that dense towers read. */
  Tiler: Tiler;
  /** Image to the features that masks are decoded from. */
  Encoder: Encoder;
  /** Image to the features that the language model reads. */
  VisionEncoder: Encoder;
  /** Image tokens and a prompt to text and hidden states. */
  LanguageModel: LanguageModel;
  /** Hidden states of all patches to proposals. */
  PatchAnalyzer: PatchAnalyzer;
  /** Hidden states to embedding prompts. */
  QueryProjector: QueryProjector;
  /** A query state and image tokens to points. */
  PointPrompter: PointPrompter;
  /** Features and prompts to mask logits. */
  MaskDecoder: MaskDecoder;
  /** Embeddings, masks or candidates to names. */
  CategoryGenerator: CategoryGenerator;
  /** Class names to descriptions. */
  PromptWriter: PromptWriter;
  /** Descriptions to vectors that images are compared with. */
  TextEmbedder: TextEmbedder;
  /** Text-aligned and spatial features to one grid. */
  FeatureFuser: FeatureFuser;
  /** Features and class embeddings to scores per class. */
  CostAggregator: CostAggregator;
  /** Free-text names to labels. */
  LabelMapper: LabelMapper;
  /** A prediction and an instruction to a better prediction. */
  Refiner: Refiner;
  /** Decoded masks to segments. */
  Assembler: Assembler;
  /** Scores per class to segments. */
  SemanticAssembler: SemanticAssembler;
}

/**
 * What fills each slot, those of other packages included. A package that defines a slot adds its stage's interface
 * by declaration merging:
 *
 * @example
 * declare module '@maskloom/core' {
 *   interface SlotStages { DepthEstimator: DepthEstimator }
 * }
 */
// An interface and not an alias, or nobody could add to it.
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface SlotStages extends CoreSlotStages {}

/** The names of all slots. */
export type SlotName = keyof SlotStages;

/** The names of the slots that this package defines. */
export type CoreSlotName = keyof CoreSlotStages;
