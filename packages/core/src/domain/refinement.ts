/**
 * What is wrong with a prediction (ROSE, section 3.4): `mask`, the name is right and the mask is not; `category`,
 * the name is wrong; `missed`, something has no segment at all. A refiner answers these, with its models.
 */
export type RefineSituation = 'mask' | 'category' | 'missed';

/** Every {@link RefineSituation}. */
export const REFINE_SITUATIONS: readonly RefineSituation[] = Object.freeze(['mask', 'category', 'missed']);

/**
 * What can be done to a prediction without any model: another name, a mask larger or smaller by a part of its area,
 * segments taken away or made one, nothing at all.
 */
export type EditSituation = 'rename' | 'larger' | 'smaller' | 'delete' | 'merge' | 'keep';

/** Every {@link EditSituation}. */
export const EDIT_SITUATIONS: readonly EditSituation[] = Object.freeze([
  'rename',
  'larger',
  'smaller',
  'delete',
  'merge',
  'keep',
]);

/** What a turn about a prediction is about. */
export type Situation = RefineSituation | EditSituation;

/** How a prediction came out of an earlier one. */
export interface Refinement {
  /** What refined it: the id of a pipeline, the name of a stage, or `edit` where no model ran. */
  readonly by: string;
  /** What the instruction was taken to mean. */
  readonly situation: Situation;
  /** What was said. */
  readonly say: string;
  /** Index of the segment that was changed or added, in the refined prediction; absent when there is none. */
  readonly segment?: number;
  /** For edits: indices, in the prediction before, of the segments that were changed, made one or taken away. */
  readonly from?: readonly number[];
  /** True when the ground truth was used to choose what to refine: never comparable with a system on its own. */
  readonly oracle?: boolean;
}
