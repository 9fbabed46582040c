import type { Prediction } from '@maskloom/core';
import type { RefineCall, RefineTruth, ScriptResult } from './model.js';
import { refineWorstInstances } from './oracle-instance.js';
import { refineWorstClasses } from './oracle-semantic.js';

/** What the oracle's script needs to know. */
export interface OracleOptions {
  /** `semantic`: the classes of largest union minus intersection; `instance`: predictions under 0.5 IoU. */
  readonly kind: 'semantic' | 'instance';
  /** Names of the data set's classes, for `semantic`. */
  readonly classes?: readonly string[];
  /** How many to refine; 5 classes or 10 predictions when absent, as in the paper. */
  readonly most?: number;
}

/**
 * The paper's refinement script (ROSE, supplement 6.1), which plays a person who sees the truth. Its results are an
 * upper bound for a patient user and never comparable with a system on its own: every prediction carries
 * `refinement.oracle`, and whatever shows it must say so.
 */
export function refineWithOracle(
  prediction: Prediction,
  truth: RefineTruth,
  refine: RefineCall,
  { kind, classes = [], most }: OracleOptions,
): Promise<ScriptResult> {
  if (kind === 'instance')
    return refineWorstInstances(prediction, truth, refine, most === undefined ? {} : { most });
  const names = classes.length > 0 ? classes : [...new Set(truth.segments.map(({ label }) => label))];
  return refineWorstClasses(prediction, truth, names, refine, most);
}
