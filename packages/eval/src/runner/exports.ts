export { serveUnits, type UnitWorker } from './serve-units.js';
export { runJobs, type RunJobsOptions } from './run-jobs.js';
export { JobRunner, Openings } from './job-runner.js';
export type { Dispatch, DispatchOptions } from './dispatch.js';
export type { WorkerOptions } from './worker-process.js';
export type { Job, JobUnit, UnitOutcome } from './messages.js';
export { contentHash } from './unit-key.js';
export { pipelineWorker, type PipelineMaker } from './pipeline-worker.js';
export {
  RUN_SCHEMA,
  type PlannedUnit,
  type RunPart,
  type RunPlan,
  type RunWork,
  type Subject,
  type SubjectWeights,
  type WorkerPlan,
} from './run-plan.js';
export {
  executeRun,
  noData,
  openStores,
  type ExecuteOptions,
  type FailedUnit,
  type RunOutcome,
  type RunProgress,
} from './execute-run.js';
export { weightsHash } from './weights-hash.js';
export { readPlan, runPaths, writeWhole, type RunPaths } from './run-folder.js';
export { RunResults, type Counted, type StoredResult } from './run-results.js';
export { RunUnits, subjectHash, type SceneUnit } from './run-units.js';
export { syntheticScenes, type SyntheticScenesOptions } from './scenes/synthetic-scenes.js';
export type { SceneStore } from './scenes/scene-store.js';
export type {
  EvalScene,
  InventedClasses,
  SceneCategory,
  ScenePhrase,
  SceneQuestion,
  SceneRemarks,
  SceneSegment,
  SceneSet,
  SceneSetHead,
} from './scenes/scene.js';
export { openRunResults, type OpenRun } from './open-run.js';
export { datasetScenes, SceneProblems } from './scenes/dataset-scenes.js';
