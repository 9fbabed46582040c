export { several, single, type StackedSegWiring } from './recipes.js';
export { stackedSegPlugin } from './plugin.js';
