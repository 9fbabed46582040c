import { defineRecipe, type Recipe, type WiringOf } from '@maskloom/core';
import { clipTower } from '@maskloom/clip';
import { llavaLanguageModel, runSegRecipe, segProjector } from '@maskloom/llava';
import { samEncoder, samMaskDecoder, thresholdAssembler } from '@maskloom/sam';
import { similarityAsPoints } from '../prompters/similarity-as-points.js';

const common = {
  Encoder: { supplies: ['image'], demands: ['mask-features'] },
  VisionEncoder: { supplies: ['image'], demands: ['vision-tokens'] },
  Assembler: { supplies: ['mask-logits'], demands: ['segments'] },
} as const;

const segWiring = {
  ...common,
  LanguageModel: { supplies: ['vision-tokens'], demands: ['query-state', 'text'] },
  QueryProjector: { supplies: ['query-state'], demands: ['embedding-prompt'] },
  MaskDecoder: { supplies: ['mask-features', 'embedding-prompt'], demands: ['mask-logits'] },
} as const;

const pointsWiring = {
  ...common,
  LanguageModel: { supplies: ['vision-tokens'], demands: ['image-states', 'query-state', 'text'] },
  PointPrompter: { supplies: ['query-state', 'image-states'], demands: ['point-prompt'] },
  MaskDecoder: { supplies: ['mask-features', 'point-prompt'], demands: ['mask-logits'] },
} as const;

const bothWiring = {
  ...common,
  LanguageModel: { supplies: ['vision-tokens'], demands: ['image-states', 'query-state', 'text'] },
  QueryProjector: { supplies: ['query-state'], demands: ['embedding-prompt'] },
  // Points may be left out (`noPoints()`): the embedding is still there.
  PointPrompter: { supplies: ['query-state', 'image-states'], demands: [] },
  MaskDecoder: { supplies: ['mask-features', 'embedding-prompt', 'point-prompt'], demands: ['mask-logits'] },
} as const;

/** `<SEG>` only. */
export type SegWiring = WiringOf<typeof segWiring>;
/** Points only. */
export type PointsWiring = WiringOf<typeof pointsWiring>;
/** `<SEG>` and points. */
export type SegPointsWiring = WiringOf<typeof bothWiring>;

const towers = () => ({
  Encoder: samEncoder(),
  VisionEncoder: clipTower(),
  LanguageModel: llavaLanguageModel(),
  MaskDecoder: samMaskDecoder(),
  Assembler: thresholdAssembler(),
});

/** READ without its points: the `<SEG>` embedding alone (READ, Table of components, row 1). */
export const seg: Recipe<SegWiring> = defineRecipe({
  system: 'read',
  name: 'seg',
  summary: 'READ with the <SEG> embedding only.',
  tasks: ['referring', 'reasoning'],
  wiring: segWiring,
  stages: { ...towers(), QueryProjector: segProjector() },
  run: (built, image, request, run) => runSegRecipe(built, image, request, run, { masks: 'all' }),
});

/** READ without its embedding: Similarity as Points alone. */
export const points: Recipe<PointsWiring> = defineRecipe({
  system: 'read',
  name: 'points',
  summary: 'READ with Similarity as Points only.',
  tasks: ['referring', 'reasoning'],
  wiring: pointsWiring,
  stages: { ...towers(), PointPrompter: similarityAsPoints() },
  run: (built, image, request, run) => runSegRecipe(built, image, request, run, { masks: 'all' }),
});

/** READ with embedding and points, points at the centres of their cells. */
export const segPoints: Recipe<SegPointsWiring> = defineRecipe({
  system: 'read',
  name: 'seg-points',
  summary: 'READ with the <SEG> embedding and Similarity as Points.',
  tasks: ['referring', 'reasoning'],
  wiring: bothWiring,
  stages: { ...towers(), QueryProjector: segProjector(), PointPrompter: similarityAsPoints() },
  run: (built, image, request, run) => runSegRecipe(built, image, request, run, { masks: 'all' }),
});

/** READ whole: embedding, points, and discrete-to-continuous interpolation. */
export const full: Recipe<SegPointsWiring> = defineRecipe({
  system: 'read',
  name: 'full',
  summary: 'READ with the <SEG> embedding, Similarity as Points and discrete-to-continuous interpolation.',
  tasks: ['referring', 'reasoning'],
  wiring: bothWiring,
  stages: {
    ...towers(),
    QueryProjector: segProjector(),
    PointPrompter: similarityAsPoints({ discreteToContinuous: {} }),
  },
  run: (built, image, request, run) => runSegRecipe(built, image, request, run, { masks: 'all' }),
});
