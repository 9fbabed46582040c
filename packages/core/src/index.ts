export * from '@maskloom/masks';
export type * from './domain/frames.js';
export type * from './domain/image-frame.js';
export * from './domain/tensor.js';
export * from './domain/tensor-bytes.js';
export { localTensor } from './domain/local-tensor.js';
export type * from './domain/feature-map.js';
export * from './domain/patch-grid.js';
export { tensorRows } from './domain/tensor-rows.js';
export { requireFrame } from './domain/require-frame.js';
export type * from './domain/score-map.js';
export type * from './domain/mask-set.js';
export * from './domain/prediction.js';
export * from './domain/refinement.js';
export type * from './domain/semantic-evidence.js';
export { abandoned, isAlive, OWNER_TAG, partialPath, removeAbandoned } from './files/partial.js';
export { forceTree, moveFile, moveFolder, placeFile } from './files/place.js';
export { listed, parseLabels, type ClassLabel, type ClassList } from './text/parse-labels.js';
export * from './ports/device.js';
export type * from './ports/model-host.js';
export * from './ports/model-chain.js';
export * from './ports/greedy.js';
export type * from './ports/model-source.js';
export * from './ports/container.js';
export * from './recipe.js';
export * from './define-recipe.js';
export type * from './slots/stage.js';
export type * from './slots/spec.js';
export type * from './slots/signals.js';
export type * from './slots/slot-stages.js';
export type * from './slots/any-stage.js';
export {
  Tiler,
  Encoder,
  VisionEncoder,
  LanguageModel,
  PatchAnalyzer,
  QueryProjector,
  PointPrompter,
  MaskDecoder,
  CategoryGenerator,
  PromptWriter,
  TextEmbedder,
  FeatureFuser,
  CostAggregator,
  LabelMapper,
  Refiner,
  Assembler,
  SemanticAssembler,
  SLOTS,
} from './slots/slot.js';
export { compareSlots, type Slot } from './slots/slot-value.js';
export { slotOf, slotsInOrder, type InSlot } from './slots/slot-of.js';
export { defineSlot, type SlotDefinition } from './slots/define-slot.js';
export type { CallOf } from './slots/call-of.js';
export type {
  AlongPrompt,
  AlongText,
  EmittedState,
  LanguageAnswer,
  LanguagePrompt,
  LanguageSession,
  ReadingPurpose,
} from './slots/language-model.js';
export type { PatchProposals } from './slots/patch-analyzer.js';
export type { PointQuery, PointSuggestion } from './slots/point-prompter.js';
export type { EmbeddingRow, MaskPrompt } from './slots/mask-decoder.js';
export type { CategoryQuery, NamedCategory } from './slots/category-generator.js';
export type { ImageView, TilePlan } from './slots/tiler.js';
export type { TextEmbeddings } from './slots/text-embedder.js';
export type { FusedFeatures, FusionWeight } from './slots/feature-fuser.js';
export type { ClassScores, DenseView, ScoreSession } from './slots/cost-aggregator.js';
export type { SemanticQuery } from './slots/semantic-assembler.js';
export type { LabelMatch } from './slots/label-mapper.js';
export type { RefineInstruction } from './slots/refiner.js';
export type { MaskLabel } from './slots/assembler.js';
export { createSpec, defineStage, type StageDefinition } from './stage/define-stage.js';
export { wrapStage, type Around, type WrapOptions } from './stage/wrap-stage.js';
export { parseOptions } from './stage/parse-options.js';
export { presetReader } from './stage/preset-reader.js';
export { readPreset } from './stage/read-preset.js';
export { compose, type BuildOptions, type PipelineBuilder } from './compose/compose.js';
export { tensorScope } from './ports/tensor-scope.js';
export { bindPipeline } from './compose/bind-pipeline.js';
export { MODEL_HOST, MODEL_SOURCE, pipelineToken, stageToken } from './container/tokens.js';
export type {
  ConverseOptions,
  Pipeline,
  PipelineDescription,
  StageDescription,
} from './pipeline/pipeline.js';
export type { SegmentOptions } from './pipeline/segment-options.js';
export type * from './pipeline/events.js';
export { defaultTask, type Asked } from './pipeline/default-task.js';
export { warnOfRegions } from './pipeline/whole-image.js';
export * from './converse/exports.js';
export { createFeatureCache, type FeatureCache } from './cache/feature-cache.js';
export type { FeatureLease, FeatureRequest } from './cache/feature-request.js';
export { compare, type Failure, type Outcome, type Success } from './compare.js';
export { API_VERSION, definePlugin, type Plugin, type PluginDefinition } from './plugins/plugin.js';
export { createRegistry, type Registry, type SystemEntry } from './plugins/registry.js';
export { cellCentre, fromFrame, toFrame, type CellGrid, type Position } from './domain/transform.js';
export { hostTensor, type DTypeArrays } from './domain/host-tensor.js';
export {
  resolveMasks,
  resolveMasksInSlices,
  type ResolvedMasks,
  type ResolveOptions,
} from './domain/resolve-masks.js';
export { atOnce, inSlices } from './in-slices.js';
