import { defineRecipe, type Recipe } from '@maskloom/core';
import { clipDense, clipText } from '@maskloom/clip';
import { samEncoder } from '@maskloom/sam';
import { semanticAssembler } from '../assemble/semantic-assembler.js';
import { costAggregation } from '../cost/aggregator.js';
import { fusion } from '../fusion/fusion.js';
import { allAttributes } from '../prompts/described.js';
import { denseViews } from '../views/views.js';
import { runLmseg } from './run-lmseg.js';
import { lmsegWiring, type LmsegWiring } from './wiring.js';

/** One row: a recipe that differs from the whole model in its weights alone. */
function row(name: string, summary: string): Recipe<LmsegWiring> {
  return defineRecipe({
    system: 'lmseg',
    name,
    summary,
    tasks: ['semantic'],
    wiring: lmsegWiring,
    stages: {
      Tiler: denseViews(),
      VisionEncoder: clipDense(),
      Encoder: samEncoder(),
      PromptWriter: allAttributes(),
      TextEmbedder: clipText(),
      FeatureFuser: fusion(),
      CostAggregator: costAggregation(),
      SemanticAssembler: semanticAssembler(),
    },
    run: runLmseg,
  });
}

/** LMSeg whole: learnable weight, both enhancements, descriptions by every attribute. */
export const full = row(
  'full',
  'LMSeg: CLIP and SAM features by a learned weight, compared with descriptions.',
);

/** Rows of the fusion ablation, each trained for itself; the row with one learned weight is `lmseg/tune-frozen`. */
export const fusionRows: readonly Recipe<LmsegWiring>[] = [
  row('fusion-channel', 'LMSeg with a learned weight per channel.'),
  row('fusion-position', 'LMSeg with a learned weight per cell.'),
  row('fusion-sum', 'LMSeg with the plain sum of both features.'),
  row('fusion-concat', 'LMSeg with both features joined and projected.'),
  row('fusion-attention', "LMSeg with SAM's features attended to by CLIP's."),
  row('fusion-clip', 'LMSeg on CLIP alone.'),
  row('fusion-sam', 'LMSeg on SAM alone.'),
];

/** Rows of the enhancement ablation, each trained for itself; the row with both is `lmseg/tune-frozen`. */
export const enhancementRows: readonly Recipe<LmsegWiring>[] = [
  row('enhance-none', 'LMSeg without enhancement of the cost volume.'),
  row('enhance-spatial', 'LMSeg with spatial enhancement only.'),
  row('enhance-class', 'LMSeg with class enhancement only.'),
];

/** Rows of the fine-tuning ablation, each trained for itself. */
export const tuningRows: readonly Recipe<LmsegWiring>[] = [
  row('tune-frozen', 'LMSeg with both towers frozen.'),
  row('tune-clip', "LMSeg with CLIP's query and value projections trained."),
  row('tune-sam', "LMSeg with SAM's neck and query, key and value projections trained."),
  row('tune-both', 'LMSeg with parts of both towers trained.'),
];
