export {
  concatRefiner,
  drawnBoxRefiner,
  drawnRefiner,
  type RefinerFactory,
  type RefinerOptions,
} from './refiners.js';
export { concat, drawn, drawnBox, type RefineWiring } from './recipes.js';
export { refinePlugin } from './plugin.js';
