import { defineRecipe, type Recipe, type SlotSignals } from '@maskloom/core';
import { clipDense, clipText } from '@maskloom/clip';
import { semanticAssembler } from '../assemble/semantic-assembler.js';
import { costAggregation } from '../cost/aggregator.js';
import { denseOnly } from '../fusion/dense-only.js';
import { template } from '../prompts/plain-writers.js';
import { denseViews } from '../views/views.js';
import { runLmseg } from './run-lmseg.js';
import { lmsegWiring, type LmsegWiring } from './wiring.js';

/** What flows where in CAT-Seg: LMSeg without a second tower. */
export interface CatSegWiring extends Omit<LmsegWiring, 'Encoder' | 'FeatureFuser'> {
  /** Brings the text-aligned features to length 1. */
  readonly FeatureFuser: SlotSignals<'dense-features', 'fused-features'>;
}

/** {@link CatSegWiring} written down as lists of signals. */
export type CatSegWiringLists = {
  readonly [K in keyof CatSegWiring]: Readonly<
    Record<'supplies', readonly CatSegWiring[K]['supplies'][]> &
      Record<'demands', readonly CatSegWiring[K]['demands'][]>
  >;
};

const { Tiler, VisionEncoder, PromptWriter, TextEmbedder, CostAggregator, SemanticAssembler } = lmsegWiring;

/** {@link CatSegWiring} as `defineRecipe` takes it. */
export const catSegWiring: CatSegWiringLists = {
  Tiler,
  VisionEncoder,
  PromptWriter,
  TextEmbedder,
  FeatureFuser: { supplies: ['dense-features'], demands: ['fused-features'] },
  CostAggregator,
  SemanticAssembler,
};

/**
 * CAT-Seg, as its published weights run it: CLIP alone, each class in one sentence, costs worked through spatial and class
 * layers. The training kit converts its weights (`maskloom-convert cat-seg`).
 */
export const catSeg: Recipe<CatSegWiring> = defineRecipe({
  system: 'lmseg',
  name: 'cat-seg',
  summary:
    "CAT-Seg: CLIP's features compared with one sentence a class, costs aggregated over space and classes.",
  tasks: ['semantic'],
  wiring: catSegWiring,
  stages: {
    Tiler: denseViews(),
    VisionEncoder: clipDense(),
    PromptWriter: template({ template: 'a photo of a {} in the scene' }),
    TextEmbedder: clipText(),
    FeatureFuser: denseOnly(),
    CostAggregator: costAggregation(),
    SemanticAssembler: semanticAssembler(),
  },
  run: runLmseg,
});
