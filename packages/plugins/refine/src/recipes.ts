import {
  defineRecipe,
  type ImageFrame,
  type Prediction,
  type Recipe,
  type RecipeResult,
  type RunContext,
  type SegmentRequest,
  type SlotSignals,
  type SlotStages,
} from '@maskloom/core';
import { concatRefiner, drawnBoxRefiner, drawnRefiner } from './refiners.js';

/** What flows into and out of a refiner on its own. */
export interface RefineWiring {
  /** Changes one segment at a time, or adds one. */
  readonly Refiner: SlotSignals<'image' | 'segments' | 'box-prompt', 'segments'>;
}

const SAID = 'You missed the thing in this box.';

const wiring = {
  Refiner: { supplies: ['image', 'segments', 'box-prompt'], demands: ['segments'] },
} as const;

const common = { system: 'refine', tasks: ['prompted'], wiring, run: findInBoxes } as const;

/** ROSE's refinement with the previous mask as a fourth plane. */
export const concat: Recipe<RefineWiring> = defineRecipe({
  ...common,
  name: 'concat',
  summary:
    'Refinement by conversation; the previous mask as a fourth plane. Asked alone, finds and names what is in boxes.',
  stages: { Refiner: concatRefiner() },
});

/** ROSE's refinement with the previous mask drawn on the image. */
export const drawn: Recipe<RefineWiring> = defineRecipe({
  ...common,
  name: 'drawn',
  summary: 'Refinement by conversation; the previous mask drawn on the image.',
  stages: { Refiner: drawnRefiner() },
});

/** ROSE's refinement with the previous mask and a box drawn on the image. */
export const drawnBox: Recipe<RefineWiring> = defineRecipe({
  ...common,
  name: 'drawn-box',
  summary: 'Refinement by conversation; the previous mask and a box drawn on the image.',
  stages: { Refiner: drawnBoxRefiner() },
});

/** Asked alone, a refiner has nothing to refine: every box points at something missed. */
async function findInBoxes(
  { Refiner }: { readonly Refiner: SlotStages['Refiner'] },
  image: ImageFrame,
  request: SegmentRequest,
  run: RunContext,
): Promise<RecipeResult> {
  let found: Prediction = {
    system: 'refine',
    recipe: '',
    request,
    answer: '',
    segments: [],
    stages: [],
    warnings: [],
  };
  for (const { box } of request.prompts ?? []) {
    if (box === undefined) {
      run.warn('A prompt without a box was left out: refiners look in boxes.');
      continue;
    }
    found = await Refiner.refine(image, found, { say: SAID, situation: 'missed', box }, run);
  }
  return { answer: '', segments: found.segments };
}
