import {
  maskArea,
  maskBox,
  mergeMasks,
  type Box,
  type Prediction,
  type RefineInstruction,
  type RleMask,
} from '@maskloom/core';
import { confusionOf } from '@maskloom/metrics';
import { worstClasses, type WorstClass } from '@maskloom/metrics';
import { semanticMeasure } from '@maskloom/metrics';
import { SAID, type RefineCall, type RefineTruth, type ScriptResult } from './model.js';
import { byRisingScore, NOTHING, paintClasses } from './paint-classes.js';
import { Script } from './run-turn.js';

/**
 * The paper's script for semantic segmentation (ROSE, supplement 6.1), an ORACLE: it looks at the truth. The confusion
 * with the truth gives the five classes of largest union minus intersection (UmI) and, by Algorithm 1, the situation
 * of each. A turn each: the region of that class with the most pixels not found is pointed at by its box.
 *
 * Our reading where the paper is silent: a class that is not in the image is left out (no situation takes a mask
 * away); `mask` refines the segment of that class that covers most of the region, `category` the segment of whatever
 * other class does; where no segment does, the region was missed.
 * @param classes - names of the data set's classes
 * @param most - how many classes, 5 in the paper
 * @returns predictions marked `refinement.oracle`
 */
export async function refineWorstClasses(
  prediction: Prediction,
  truth: RefineTruth,
  classes: readonly string[],
  refine: RefineCall,
  most = 5,
): Promise<ScriptResult> {
  const script = new Script(prediction, refine, true);
  const chosen = chooseClasses(prediction, truth, classes, most);
  for (const worst of chosen) {
    const label = classes[worst.classIndex] ?? '';
    const instruction = instructionFor(worst, label, script.prediction, truth);
    if (instruction !== undefined) await script.say(instruction);
  }
  return script.result();
}

function chooseClasses(
  { segments }: Prediction,
  truth: RefineTruth,
  classes: readonly string[],
  most: number,
): readonly WorstClass[] {
  const measure = semanticMeasure({ classes, ignoreIndex: NOTHING });
  const found = paintClasses(truth, classes, byRisingScore(segments));
  const real = paintClasses(truth, classes, truth.segments);
  const { width, height } = truth;
  const sums = measure
    .accumulator()
    .add('image', measure.count({ width, height, truth: real, prediction: found }));
  const there = new Set(truth.segments.map(({ label }) => classes.indexOf(label)));
  return worstClasses(confusionOf(sums), classes.length)
    .filter(({ classIndex }) => there.has(classIndex))
    .slice(0, most);
}

function instructionFor(
  { situation }: WorstClass,
  label: string,
  { segments }: Prediction,
  truth: RefineTruth,
): RefineInstruction | undefined {
  const own = segments.filter((segment) => segment.label === label).map(({ mask }) => mask);
  const region = leastFound(truth, label, own);
  if (region === undefined) return undefined;
  const box = boxAround(region);
  const covering = (wanted: (name: string) => boolean): number | undefined => {
    const shared = segments.map(({ label: name, mask }) => (wanted(name) ? overlap(mask, region) : 0));
    const best = Math.max(0, ...shared);
    return best === 0 ? undefined : shared.indexOf(best);
  };
  const segment =
    situation === 'mask'
      ? covering((name) => name === label)
      : situation === 'category'
        ? covering((name) => name !== label)
        : undefined;
  if (segment === undefined) return { say: SAID.missed, situation: 'missed', box };
  if (situation === 'mask') return { say: SAID.mask, situation, segment, box };
  const wrong = segments[segment]?.label ?? '';
  return { say: SAID.category(wrong), situation: 'category', segment, wrong, box };
}

/** The region of a class with the most pixels that no mask covers. */
function leastFound(truth: RefineTruth, label: string, masks: readonly RleMask[]): RleMask | undefined {
  const regions = truth.segments.filter((segment) => segment.label === label).map(({ mask }) => mask);
  const all = masks.length === 0 ? undefined : mergeMasks(masks);
  const missing = (region: RleMask): number =>
    maskArea(region) - (all === undefined ? 0 : overlap(all, region));
  return regions.sort((a, b) => missing(b) - missing(a))[0];
}

/** Pixels that two masks share. */
export function overlap(a: RleMask, b: RleMask): number {
  return maskArea(mergeMasks([a, b], 'intersection'));
}

/** A mask's tight box. */
export function boxAround(mask: RleMask): Box<'ImagePx'> {
  const [x, y, width, height] = maskBox(mask);
  return { frame: 'ImagePx', x, y, width, height };
}
