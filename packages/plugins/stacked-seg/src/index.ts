export { several, single } from './recipes.js';
export { stackedSegPlugin } from './plugin.js';
