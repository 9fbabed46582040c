// LMSeg over so many labels on one picture of 128 x 128, seen as a whole: all of them through the aggregator, or the best of each
// view (`topK`).
import { compose, CostAggregator, PromptWriter, Tiler } from '@maskloom/core';
import { bareName, costAggregation, denseViews, full } from '@maskloom/lmseg';
import { image, openModels } from '../lib/stage.mjs';

/** @param count - of labels */
export async function run(count, _folder, variant) {
  const pipeline = await compose(full)
    .with(Tiler, denseViews({ mode: 'whole' }))
    .with(PromptWriter, bareName())
    .with(CostAggregator, costAggregation(variant === 'best' ? { topK: 64 } : {}))
    .on(openModels())
    .build();
  const labels = Array.from({ length: count }, (_, i) => `thing ${i.toString(36)}`);
  await pipeline.segment(image(), { task: 'semantic', labels });
}
