export type { RefineCall, RefineTruth, ScriptResult, ScriptTurn } from './model.js';
export { refineWithOracle, type OracleOptions } from './refine-with-oracle.js';
export { refineLeastSure, type OwnScoreOptions } from './without-oracle.js';
export { refineReferring } from './refine-referring.js';
