export * from './report/exports.js';
