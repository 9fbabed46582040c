export * from './synth/exports.js';
export * from './data/exports.js';
export * from './metrics/exports.js';
export * from './evaluate/exports.js';
export * from './report/exports.js';
