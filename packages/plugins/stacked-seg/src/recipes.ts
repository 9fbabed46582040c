import { defineRecipe, type Recipe } from '@maskloom/core';
import { clipTower, siglipTower } from '@maskloom/clip';
import {
  embeddingWiring,
  llavaLanguageModel,
  oneVisionLanguageModel,
  runFirstSeg,
  runSegRecipe,
  SEG_TOKEN,
  segProjector,
  type EmbeddingWiring,
} from '@maskloom/llava';
import { samEncoder, samMaskDecoder, thresholdAssembler } from '@maskloom/sam';
import { runStacked } from './run-stacked.js';
import { stackedAssembler } from './task-assembler.js';

const stages = () => ({
  Encoder: samEncoder(),
  VisionEncoder: clipTower(),
  LanguageModel: llavaLanguageModel(),
  QueryProjector: segProjector(),
  MaskDecoder: samMaskDecoder(),
  Assembler: thresholdAssembler(),
});

/** LISA's form, trained for one query, one `<SEG>`, one mask; should an answer hold more, the first is decoded, with a warning. */
export const single: Recipe<EmbeddingWiring> = defineRecipe({
  system: 'stacked-seg',
  name: 'single',
  summary: 'Language model stacked on SAM: one query, one <SEG>, one mask.',
  tasks: ['referring', 'reasoning'],
  wiring: embeddingWiring,
  stages: stages(),
  watches: [SEG_TOKEN],
  run: runFirstSeg,
});

/** Several `<SEG>` in one answer, one mask each, named by the words before it. */
export const several: Recipe<EmbeddingWiring> = defineRecipe({
  system: 'stacked-seg',
  name: 'several',
  summary: 'Language model stacked on SAM: several <SEG> in one answer, one named mask each.',
  tasks: ['referring', 'reasoning'],
  wiring: embeddingWiring,
  stages: stages(),
  watches: [SEG_TOKEN],
  run: runSegRecipe,
});

const overOneVision = () => ({
  ...stages(),
  VisionEncoder: siglipTower(),
  LanguageModel: oneVisionLanguageModel({ instruction: 'list' }),
  Assembler: stackedAssembler(),
});

/** ROSE's Table 3, first row: one `<SEG>` per target, names written along, on ROSE's own base model. */
export const vanilla: Recipe<EmbeddingWiring> = defineRecipe({
  system: 'stacked-seg',
  name: 'vanilla',
  summary: 'Free vocabulary by stacking: names with one <SEG> each, written one after the other.',
  tasks: ['free', 'semantic', 'instance'],
  wiring: embeddingWiring,
  stages: overOneVision(),
  watches: [SEG_TOKEN],
  run: runStacked,
});

/** ROSE's Table 3, second row: more supervision, three `<SEG>` per target. */
export const dense: Recipe<EmbeddingWiring> = defineRecipe({
  system: 'stacked-seg',
  name: 'dense',
  summary: 'Free vocabulary by stacking: names with three <SEG> each, one mask per name.',
  tasks: ['free', 'semantic', 'instance'],
  wiring: embeddingWiring,
  stages: overOneVision(),
  watches: [SEG_TOKEN],
  run: runStacked,
});
