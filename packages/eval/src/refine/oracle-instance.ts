import { maskIou, type Prediction } from '@maskloom/core';
import { SAID, type RefineCall, type RefineTruth, type ScriptResult } from './model.js';
import { boxAround } from './oracle-semantic.js';
import { Script } from './run-turn.js';

/**
 * The paper's script for instance segmentation (ROSE, supplement 6.1), an ORACLE: it looks at the truth. Every
 * prediction is matched with the true mask of highest IoU; by falling score, the first ten under 0.5 IoU are refined:
 * `mask` when the name is that of the match, else `category`. The match's box is pointed at. A prediction that meets
 * no true mask has nothing to become and is left out (the paper does not say).
 * @param most - how many predictions, 10 in the paper
 * @param under - the IoU below which a prediction is refined, 0.5 in the paper
 * @returns predictions marked `refinement.oracle`
 */
export async function refineWorstInstances(
  prediction: Prediction,
  truth: RefineTruth,
  refine: RefineCall,
  { most = 10, under = 0.5 }: { readonly most?: number; readonly under?: number } = {},
): Promise<ScriptResult> {
  const script = new Script(prediction, refine, true);
  const chosen = prediction.segments
    .map((segment, index) => ({ segment, index, match: bestMatch(segment.mask, truth) }))
    .filter(({ match }) => match !== undefined && match.iou < under)
    .sort((a, b) => b.segment.score - a.segment.score || a.index - b.index)
    .slice(0, most);
  for (const { segment, index, match } of chosen) {
    if (match === undefined) continue;
    const box = boxAround(match.mask);
    const wrong = segment.label;
    await script.say(
      wrong === match.label
        ? { say: SAID.mask, situation: 'mask', segment: index, box }
        : { say: SAID.category(wrong), situation: 'category', segment: index, wrong, box },
    );
  }
  return script.result();
}

function bestMatch(mask: Prediction['segments'][number]['mask'], { segments }: RefineTruth) {
  const [best] = segments
    .map((segment) => ({ ...segment, iou: maskIou(mask, segment.mask) }))
    .sort((a, b) => b.iou - a.iou);
  return best === undefined || best.iou === 0 ? undefined : best;
}
