import { MaskloomError, type FeatureMap, type Tensor, type TextEmbeddings } from '@maskloom/core';
import type { FusedGrid } from './cost-volume.js';

/** Values that were read: the evidence compares the same features as the scores. They go with their tensors. */
const READ = new WeakMap<Tensor, Promise<Float32Array>>();

/**
 * Reads fused features for the cost volume, once.
 * @throws MaskloomError STAGE_MISMATCH when texts and features are of different width
 */
export async function readGrid(features: FeatureMap, text: TextEmbeddings): Promise<FusedGrid> {
  const { width, rows, columns } = features;
  if (text.count > 0 && text.width !== width) {
    throw new MaskloomError(
      'STAGE_MISMATCH',
      `Features of width ${width} cannot be compared with texts of width ${text.width}.`,
      { where: 'CostAggregator', hint: 'Use image and text towers that were trained together.' },
    );
  }
  let values = READ.get(features.tensor);
  if (values === undefined) READ.set(features.tensor, (values = features.tensor.read()));
  return { values: await values, width, rows, columns };
}
