import { defineRecipe, type Recipe } from '@maskloom/core';
import { clipTower } from '@maskloom/clip';
import {
  embeddingWiring,
  llavaLanguageModel,
  runSegRecipe,
  segProjector,
  type EmbeddingWiring,
} from '@maskloom/llava';
import { samEncoder, samMaskDecoder, thresholdAssembler } from '@maskloom/sam';

const stages = () => ({
  Encoder: samEncoder(),
  VisionEncoder: clipTower(),
  LanguageModel: llavaLanguageModel(),
  QueryProjector: segProjector(),
  MaskDecoder: samMaskDecoder(),
  Assembler: thresholdAssembler(),
});

/** LISA's form, trained for one query, one `<SEG>`, one mask; should an answer hold more, each gets its mask. */
export const single: Recipe<EmbeddingWiring> = defineRecipe({
  system: 'stacked-seg',
  name: 'single',
  summary: 'Language model stacked on SAM: one query, one <SEG>, one mask.',
  tasks: ['referring', 'reasoning'],
  wiring: embeddingWiring,
  stages: stages(),
  run: runSegRecipe,
});

/** Several `<SEG>` in one answer, one mask each, named by the words before it. */
export const several: Recipe<EmbeddingWiring> = defineRecipe({
  system: 'stacked-seg',
  name: 'several',
  summary: 'Language model stacked on SAM: several <SEG> in one answer, one named mask each.',
  tasks: ['referring', 'reasoning'],
  wiring: embeddingWiring,
  stages: stages(),
  run: runSegRecipe,
});
