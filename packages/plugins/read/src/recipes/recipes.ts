import { defineRecipe, type Recipe } from '@maskloom/core';
import { clipTower } from '@maskloom/clip';
import {
  embeddingAndPointsWiring,
  embeddingWiring,
  llavaLanguageModel,
  pointsWiring,
  runSegRecipe,
  SEG_TOKEN,
  segProjector,
  type EmbeddingAndPointsWiring,
  type EmbeddingWiring,
  type Link,
  type PointsWiring,
} from '@maskloom/llava';
import { samEncoder, samMaskDecoder, samSimilarityDecoder, thresholdAssembler } from '@maskloom/sam';
import { similarityAsPoints } from '../prompters/similarity-as-points.js';

/** What all of READ's recipes share. */
const common = {
  system: 'read',
  tasks: ['referring', 'reasoning'],
  watches: [SEG_TOKEN],
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

/** {@link EmbeddingAndPointsWiring} whose mask decoder also says where it sees the `<SEG>` embedding. */
export interface MapsWiring extends Omit<EmbeddingAndPointsWiring, 'MaskDecoder'> {
  /** Decodes one mask per embedding and its points, with a similarity map for each. */
  readonly MaskDecoder: Link<
    'mask-features' | 'embedding-prompt' | 'point-prompt',
    'mask-logits' | 'decoder-similarity'
  >;
}

/**
 * {@link full}, with both similarity maps of READ's figure 1 as evidence of each segment: `<SEG>` with the language model's
 * image tokens (c), and with SAM's in its mask decoder (d). Masks and weights are those of `read/full`.
 */
export const maps: Recipe<MapsWiring> = defineRecipe({
  ...common,
  name: 'maps',
  bundleRecipe: 'read/full',
  summary: 'READ whole, with the similarity maps of <SEG> on both sides: language model and SAM.',
  wiring: {
    ...embeddingAndPointsWiring,
    MaskDecoder: {
      supplies: embeddingAndPointsWiring.MaskDecoder.supplies,
      demands: ['mask-logits', 'decoder-similarity'],
    },
  },
  stages: { ...full.stages, MaskDecoder: samSimilarityDecoder() },
});
