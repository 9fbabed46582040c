export { dense, several, single, vanilla } from './recipes.js';
export { runStacked, targetsOf, type StackedStages, type Target } from './run-stacked.js';
export { stackedAssembler, type StackedAssemblerOptions } from './task-assembler.js';
export { stackedSegPlugin } from './plugin.js';
