import type { SlotSignals } from '@maskloom/core';
import { samEncoder, type SamEncoderOptions } from '../encoder.js';
import { samMaskDecoder } from '../mask-decoder.js';
import { samCrops, type SamCropsOptions } from './crops.js';
import { maskSifter } from './mask-sifter.js';
import { pointGrid, type PointGridOptions } from './point-grid.js';
import type { MaskSifterOptions } from './sifter-options.js';

/** What flows where when SAM is prompted everywhere. */
export interface EverythingWiring {
  /** Cuts the image into crops. */
  readonly Tiler: SlotSignals<'image', 'views'>;
  /** Makes the features that masks are decoded from. */
  readonly Encoder: SlotSignals<'image', 'mask-features'>;
  /** Chooses the points of a crop. */
  readonly PointSampler: SlotSignals<'views', 'sampled-points'>;
  /** Decodes every mask of each point. */
  readonly MaskDecoder: SlotSignals<'mask-features' | 'point-prompt', 'mask-logits'>;
  /** Keeps the good ones. */
  readonly MaskSifter: SlotSignals<'mask-logits' | 'views', 'segments'>;
}

/** Parameters of segment-anything's `SamAutomaticMaskGenerator`, and what is measured for duplicates. */
export type EverythingOptions = SamCropsOptions &
  PointGridOptions &
  MaskSifterOptions & {
    /** Crops that go through the encoder in one call, whatever their sizes; default 1. */
    readonly cropsPerBatch?: SamEncoderOptions['batch'];
  };

/** {@link EverythingWiring} as written down. */
export const EVERYTHING = {
  Tiler: { supplies: ['image'], demands: ['views'] },
  Encoder: { supplies: ['image'], demands: ['mask-features'] },
  PointSampler: { supplies: ['views'], demands: ['sampled-points'] },
  MaskDecoder: { supplies: ['mask-features', 'point-prompt'], demands: ['mask-logits'] },
  MaskSifter: { supplies: ['mask-logits', 'views'], demands: ['segments'] },
} as const;

/** The stages with parameters under the names of the reference's. */
export function everythingStages(options: EverythingOptions) {
  const { cropNLayers, cropOverlapRatio, cropsPerBatch, ...others } = options;
  const { pointsPerSide, pointsPerBatch, cropNPointsDownscaleFactor, pointGrids, ...sifting } = others;
  return {
    Tiler: samCrops({ cropNLayers, cropOverlapRatio }),
    Encoder: samEncoder({ batch: cropsPerBatch }),
    PointSampler: pointGrid({ pointsPerSide, pointsPerBatch, cropNPointsDownscaleFactor, pointGrids }),
    MaskDecoder: samMaskDecoder(),
    MaskSifter: maskSifter(sifting),
  };
}
