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

const towers = () => ({
  Encoder: samEncoder(),
  VisionEncoder: clipTower(),
  LanguageModel: llavaLanguageModel(),
  MaskDecoder: samMaskDecoder(),
  Assembler: thresholdAssembler(),
});

/** READ without its points: the `<SEG>` embedding alone (first row of the component ablation). */
export const seg: Recipe<EmbeddingWiring> = defineRecipe({
  system: 'read',
  name: 'seg',
  summary: 'READ with the <SEG> embedding only.',
  tasks: ['referring', 'reasoning'],
  wiring: embeddingWiring,
  stages: { ...towers(), QueryProjector: segProjector() },
  run: runSegRecipe,
});

/** READ without its embedding: Similarity as Points alone. */
export const points: Recipe<PointsWiring> = defineRecipe({
  system: 'read',
  name: 'points',
  summary: 'READ with Similarity as Points only.',
  tasks: ['referring', 'reasoning'],
  wiring: pointsWiring,
  stages: { ...towers(), PointPrompter: similarityAsPoints() },
  run: runSegRecipe,
});

/** READ with embedding and points, points at the centres of their cells. */
export const segPoints: Recipe<EmbeddingAndPointsWiring> = defineRecipe({
  system: 'read',
  name: 'seg-points',
  summary: 'READ with the <SEG> embedding and Similarity as Points.',
  tasks: ['referring', 'reasoning'],
  wiring: embeddingAndPointsWiring,
  stages: { ...towers(), QueryProjector: segProjector(), PointPrompter: similarityAsPoints() },
  run: runSegRecipe,
});

/** READ whole: embedding, points, and discrete-to-continuous interpolation. */
export const full: Recipe<EmbeddingAndPointsWiring> = defineRecipe({
  system: 'read',
  name: 'full',
  summary: 'READ with the <SEG> embedding, Similarity as Points and discrete-to-continuous interpolation.',
  tasks: ['referring', 'reasoning'],
  wiring: embeddingAndPointsWiring,
  stages: {
    ...towers(),
    QueryProjector: segProjector(),
    PointPrompter: similarityAsPoints({ discreteToContinuous: {} }),
  },
  run: runSegRecipe,
});
