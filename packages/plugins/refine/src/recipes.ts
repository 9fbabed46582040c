import type { Recipe } from '@maskloom/core';
import { defineRefineRecipe, type RefineWiring } from './define-recipe.js';
import { concatParadigm } from './paradigms/concat.js';
import { drawnBoxParadigm } from './paradigms/drawn-box.js';
import { drawnParadigm } from './paradigms/drawn.js';

/** ROSE's refinement with the previous mask as a fourth plane. */
export const concat: Recipe<RefineWiring> = defineRefineRecipe(concatParadigm);

/** ROSE's refinement with the previous mask drawn on the image. */
export const drawn: Recipe<RefineWiring> = defineRefineRecipe(drawnParadigm);

/** ROSE's refinement with the previous mask and a box drawn on the image. */
export const drawnBox: Recipe<RefineWiring> = defineRefineRecipe(drawnBoxParadigm);
