import { concatParadigm } from './paradigms/concat.js';
import { drawnBoxParadigm } from './paradigms/drawn-box.js';
import { drawnParadigm } from './paradigms/drawn.js';
import { defineRefiner, type RefinerFactory } from './refiner.js';

/**
 * ROSE's refinement (section 3.4): the previous mask is a fourth plane of the image, zeros when there is none. Works on
 * any system's prediction.
 */
export const concatRefiner: RefinerFactory = defineRefiner(concatParadigm);

/** The first alternative of ROSE's Table 6: the previous mask drawn on the image. */
export const drawnRefiner: RefinerFactory = defineRefiner(drawnParadigm);

/** The second alternative of ROSE's Table 6: the previous mask and its box drawn on the image. */
export const drawnBoxRefiner: RefinerFactory = defineRefiner(drawnBoxParadigm);
