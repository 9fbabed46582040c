/**
 * What is wrong with a prediction (ROSE, section 3.4): `mask`, the name is right and the mask is not; `category`,
 * the name is wrong; `missed`, something has no segment at all.
 */
export type RefineSituation = 'mask' | 'category' | 'missed';

/** Every {@link RefineSituation}. */
export const REFINE_SITUATIONS: readonly RefineSituation[] = Object.freeze(['mask', 'category', 'missed']);

/** How a prediction came out of an earlier one. */
export interface Refinement {
  /** What refined it: the id of a pipeline, or the name of a stage. */
  readonly by: string;
  /** What was taken to be wrong. */
  readonly situation: RefineSituation;
  /** What was said. */
  readonly say: string;
  /** Index of the segment that was changed or added, in the refined prediction. */
  readonly segment: number;
  /** True when the ground truth was used to choose what to refine: never comparable with a system on its own. */
  readonly oracle?: boolean;
}
