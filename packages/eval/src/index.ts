export * from './refine/exports.js';
export * from './ledger/exports.js';
export * from './runner/exports.js';
export * from './protocols/exports.js';
export * from './ablation/exports.js';
export * from './tables/exports.js';
export * from './run-report/exports.js';
