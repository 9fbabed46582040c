import type { Prediction, RleMask } from '@maskloom/core';
import { boxAround } from '../refine/oracle-semantic.js';
import { refineLeastSure, refineReferring, refineWithOracle, type RefineCall } from '../refine/exports.js';
import type { AskContext, KeptSegment } from './protocol.js';

/** What a refinement script is told. */
export interface RefineTask {
  readonly kind: 'semantic' | 'instance';
  readonly classes: readonly string[];
  /** Seen by the oracle's script alone. */
  readonly truths: readonly KeptSegment[];
}

/**
 * A prediction after the row's refinement: by the paper's script, which chooses by the truth (an oracle), or by one that
 * chooses by the model's own scores. The prediction itself when the row has none.
 */
export async function refined(
  { refiner, frame, scene, cache }: AskContext,
  prediction: Prediction,
  { kind, classes, truths }: RefineTask,
): Promise<Prediction> {
  if (refiner === undefined) return prediction;
  const call: RefineCall = (before, instruction) =>
    refiner.pipeline.refine(frame, before, instruction, { cache });
  const { width, height } = scene;
  const script =
    refiner.chosenBy === 'oracle'
      ? await refineWithOracle(prediction, { width, height, segments: truths }, call, { kind, classes })
      : await refineLeastSure(prediction, call);
  return script.prediction;
}

/**
 * An answer to a phrase after the row's refinement: every mask is drawn again, with the truth's box by the paper's script
 * (an oracle), without one else.
 * @param truth - what the phrase means; absent where nothing is
 */
export async function refinedAnswer(
  { refiner, frame, cache }: AskContext,
  answer: Prediction,
  truth: RleMask | undefined,
): Promise<Prediction> {
  if (refiner === undefined) return answer;
  const oracle = refiner.chosenBy === 'oracle';
  const script = await refineReferring(
    answer,
    (before, instruction) => refiner.pipeline.refine(frame, before, instruction, { cache }),
    { oracle, box: oracle && truth !== undefined ? boxAround(truth) : undefined },
  );
  return script.prediction;
}
