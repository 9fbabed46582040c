/**
 * What code in a worker thread needs of core, without all the rest: loading everything takes a third of a second of processor time
 * for each thread.
 */
export { MaskloomError } from '@maskloom/masks/error';
export {
  decodeGreedily,
  type GreedyAnswer,
  type GreedyDriver,
  type GreedyRules,
  type GreedyState,
  type StepLogits,
} from './ports/greedy.js';
