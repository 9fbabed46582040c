export { concatRefiner, drawnBoxRefiner, drawnRefiner } from './refiners.js';
export {
  defineRefiner,
  REFINER_NEEDS,
  type RefinerFactory,
  type RefinerNeeds,
  type RefinerOptions,
} from './refiner.js';
export { concat, drawn, drawnBox } from './recipes.js';
export { defineRefineRecipe, type RefineWiring } from './define-recipe.js';
export { drawnOn, type DrawingStyle, type Paradigm, type Seen } from './paradigm.js';
export { concatParadigm } from './paradigms/concat.js';
export { drawnParadigm } from './paradigms/drawn.js';
export { drawnBoxParadigm } from './paradigms/drawn-box.js';
export { refinePlugin } from './plugin.js';
