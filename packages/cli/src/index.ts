export { compareImages } from './compare/compare-images.js';
export type { CompareOptions, CompareProgress, CompareResult, RecipeTotals } from './compare/options.js';
export type { StageSettings } from './compare/stage-settings.js';
export type { ComparedImage } from './compare/compared-image.js';
export type { CompareFailure } from './output/compare-failure.js';
export type { ComparedData } from './compare/data-images.js';
export { refineImage, type RefineImageOptions, type RefineImageResult } from './refine/refine-image.js';
export { convertMasks, type ConvertOptions } from './convert/convert-masks.js';
export type { ReadResultsOptions } from './convert/read-results.js';
export { readPredictions } from './output/read-predictions.js';
export { readQueries, type Queries } from './compare/read-queries.js';
export {
  PREDICTIONS_SCHEMA,
  predictionsSchema,
  type PredictionRun,
  type PredictedSegment,
  type PredictedStage,
  type PredictionFailure,
  type Predictions,
  type SkippedInput,
} from './output/predictions.js';
export { runTables, type RunTablesOptions, type RunTablesResult } from './evaluate/run-tables.js';
export { runEval, type RunEvalOptions } from './evaluate/run-eval.js';
export type { DataOptions } from './evaluate/run-data.js';
export { defineConfig, type ConfiguredData, type MaskloomConfig } from './config/config.js';
export { openWorkspace, type Workspace, type WorkspaceOptions } from './config/workspace.js';
export type { PluginSources } from './config/load-plugins.js';
export { createDefaultRegistry } from './default-registry.js';
export { bundleFolder, embeddedBundles, findBundle, type EmbeddedBundle } from './bundles/find-bundle.js';
export { listBundles, type BundleSummary } from './bundles/list-bundles.js';
export { listSystems, type RecipeSummary, type SystemSummary } from './list-systems.js';
export { examineMachine, type DoctorReport } from './doctor.js';
export { DEFAULT_QUESTION, runStart, type StartOptions, type StartResult } from './start/run-start.js';
export { showComparison } from './terminal/show-comparison.js';
export { describeFailure, exitCodeOf } from './terminal/failure.js';
export { runCommand } from './program.js';
export { processTerminal, type Terminal } from './terminal/terminal.js';
