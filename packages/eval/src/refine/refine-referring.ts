import type { Box, Prediction } from '@maskloom/core';
import { SAID, type RefineCall, type ScriptResult } from './model.js';
import { Script } from './run-turn.js';

/**
 * The paper's script for referring segmentation (ROSE, supplement 6.1): "because referring segmentation predicts mask
 * solely, we use the first situation (mask) to refine every prediction". With the truth's box pointed at it is an ORACLE,
 * as the scripts for classes and instances are (the paper does not say whether a box is given); without one it sees no
 * truth. An empty mask has nothing to redraw and is left as it is: a refusal stays one.
 * @param shown - `box`: around what the phrase means; absent without an oracle, and where nothing is meant. `oracle`: whether
 * the ground truth gave the box; then every prediction is marked `refinement.oracle`
 */
export async function refineReferring(
  prediction: Prediction,
  refine: RefineCall,
  shown: { readonly box?: Box<'ImagePx'> | undefined; readonly oracle: boolean },
): Promise<ScriptResult> {
  const { box, oracle } = shown;
  const script = new Script(prediction, refine, oracle);
  for (const [segment, { area }] of prediction.segments.entries()) {
    if (area === 0) continue;
    await script.say({ say: SAID.mask, situation: 'mask', segment, ...(box === undefined ? {} : { box }) });
  }
  return script.result();
}
