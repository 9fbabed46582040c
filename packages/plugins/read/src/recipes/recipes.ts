import { defineRecipe, type Recipe } from '@maskloom/core';
import { clipTower } from '@maskloom/clip';
import {
  embeddingAndPointsWiring,
  embeddingWiring,
  llavaLanguageModel,
  pointsWiring,
  runSegRecipe,
  segProjector,
  type EmbeddingAndPointsWiring,
  type EmbeddingWiring,
  type PointsWiring,
} from '@maskloom/llava';
import { samEncoder, samMaskDecoder, thresholdAssembler } from '@maskloom/sam';
import { similarityAsPoints } from '../prompters/similarity-as-points.js';

/** What all of READ's recipes share. */
const common = {
  system: 'read',
  tasks: ['referring', 'reasoning'],
  run: runSegRecipe,
} as const;

const towers = () => ({
  Encoder: samEncoder(),
  VisionEncoder: clipTower(),
  LanguageModel: llavaLanguageModel(),
  MaskDecoder: samMaskDecoder(),
  Assembler: thresholdAssembler(),
});

/** READ without its points: the `<SEG>` embedding alone (first row of the component ablation). */
export const seg: Recipe<EmbeddingWiring> = defineRecipe({
  ...common,
  name: 'seg',
  summary: 'READ with the <SEG> embedding only.',
  wiring: embeddingWiring,
  stages: { ...towers(), QueryProjector: segProjector() },
});

/** READ without its embedding: Similarity as Points alone. */
export const points: Recipe<PointsWiring> = defineRecipe({
  ...common,
  name: 'points',
  summary: 'READ with Similarity as Points only.',
  wiring: pointsWiring,
  stages: { ...towers(), PointPrompter: similarityAsPoints() },
});

/** READ with embedding and points, points at the centres of their cells. */
export const segPoints: Recipe<EmbeddingAndPointsWiring> = defineRecipe({
  ...common,
  name: 'seg-points',
  summary: 'READ with the <SEG> embedding and Similarity as Points.',
  wiring: embeddingAndPointsWiring,
  stages: { ...towers(), QueryProjector: segProjector(), PointPrompter: similarityAsPoints() },
});

/** READ whole: embedding, points, and discrete-to-continuous interpolation. */
export const full: Recipe<EmbeddingAndPointsWiring> = defineRecipe({
  ...common,
  name: 'full',
  summary: 'READ with the <SEG> embedding, Similarity as Points and discrete-to-continuous interpolation.',
  wiring: embeddingAndPointsWiring,
  stages: {
    ...towers(),
    QueryProjector: segProjector(),
    PointPrompter: similarityAsPoints({ discreteToContinuous: {} }),
  },
});
