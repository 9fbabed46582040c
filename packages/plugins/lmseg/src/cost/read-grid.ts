import { MaskloomError, type FeatureMap, type TextEmbeddings } from '@maskloom/core';
import type { FusedGrid } from './cost-volume.js';

/**
 * Reads fused features for the cost volume.
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
  return { values: await features.tensor.read(), width, rows, columns };
}
