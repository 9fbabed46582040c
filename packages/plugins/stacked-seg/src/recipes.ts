import { defineRecipe, type Recipe, type WiringOf } from '@maskloom/core';
import { clipTower } from '@maskloom/clip';
import { llavaLanguageModel, runSegRecipe, segProjector } from '@maskloom/llava';
import { samEncoder, samMaskDecoder, thresholdAssembler } from '@maskloom/sam';

/** What flows where in a `<SEG>` system whose only mask prompt is the projected `<SEG>` state. */
const wiring = {
  Encoder: { supplies: ['image'], demands: ['mask-features'] },
  VisionEncoder: { supplies: ['image'], demands: ['vision-tokens'] },
  LanguageModel: { supplies: ['vision-tokens'], demands: ['query-state', 'text'] },
  QueryProjector: { supplies: ['query-state'], demands: ['embedding-prompt'] },
  MaskDecoder: { supplies: ['mask-features', 'embedding-prompt'], demands: ['mask-logits'] },
  Assembler: { supplies: ['mask-logits'], demands: ['segments'] },
} as const;

/** The wiring of both recipes, as `.with(Slot, stage)` checks it. */
export type StackedSegWiring = WiringOf<typeof wiring>;

const stages = () => ({
  Encoder: samEncoder(),
  VisionEncoder: clipTower(),
  LanguageModel: llavaLanguageModel(),
  QueryProjector: segProjector(),
  MaskDecoder: samMaskDecoder(),
  Assembler: thresholdAssembler(),
});

/** LISA's form: one query, one `<SEG>`, one mask. */
export const single: Recipe<StackedSegWiring> = defineRecipe({
  system: 'stacked-seg',
  name: 'single',
  summary: 'Language model stacked on SAM: one query, one <SEG>, one mask.',
  tasks: ['referring', 'reasoning'],
  wiring,
  stages: stages(),
  run: (built, image, request, run) => runSegRecipe(built, image, request, run, { masks: 'first' }),
});

/** Several `<SEG>` in one answer, one mask each, named by the words before it. */
export const several: Recipe<StackedSegWiring> = defineRecipe({
  system: 'stacked-seg',
  name: 'several',
  summary: 'Language model stacked on SAM: several <SEG> in one answer, one named mask each.',
  tasks: ['referring', 'reasoning'],
  wiring,
  stages: stages(),
  run: (built, image, request, run) => runSegRecipe(built, image, request, run, { masks: 'all' }),
});
