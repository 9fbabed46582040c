import type { Prediction } from '@maskloom/core';
import { SAID, type RefineCall, type ScriptResult } from './model.js';
import { Script } from './run-turn.js';

/** How what to refine is chosen without the truth. */
export interface OwnScoreOptions {
  /** Most segments to refine; default 10, as many as the paper's script refines. */
  readonly most?: number;
  /** Segments of at least this score are left alone; default 1, which leaves none out. */
  readonly sure?: number;
}

/**
 * Refinement without an oracle: the segments that the system itself is least sure of, lowest score first, are drawn
 * again (situation `mask`, no box). Nothing is known of what is really in the image, so names stay.
 */
export async function refineLeastSure(
  prediction: Prediction,
  refine: RefineCall,
  { most = 10, sure = 1 }: OwnScoreOptions = {},
): Promise<ScriptResult> {
  const script = new Script(prediction, refine, false);
  const chosen = prediction.segments
    .map(({ score, area }, index) => ({ score, area, index }))
    .filter(({ score, area }) => score < sure && area > 0)
    .sort((a, b) => a.score - b.score || a.index - b.index)
    .slice(0, most);
  for (const { index } of chosen) await script.say({ say: SAID.mask, situation: 'mask', segment: index });
  return script.result();
}
