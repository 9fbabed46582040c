import {
  defineRecipe,
  requireFrame,
  throwIfAborted,
  toFrame,
  warnOfRegions,
  type Recipe,
  type SlotSignals,
} from '@maskloom/core';
import { samEncoder } from '../encoder.js';
import { samMaskDecoder } from '../mask-decoder.js';
import { samCrops, type SamCropsOptions } from './crops.js';
import { maskSifter } from './mask-sifter.js';
import { pointGrid, type PointGridOptions } from './point-grid.js';
import type { MaskSifterOptions } from './sifter-options.js';
import type { MaskProposal } from './slots.js';

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
export type EverythingOptions = SamCropsOptions & PointGridOptions & MaskSifterOptions;

/** The name of every segment: nothing is known but that it is one. */
const LABEL = 'segment';

/**
 * {@link everything} with other parameters, under the names of the reference's.
 *
 * @example
 * const careful = everythingWith({ pointsPerSide: 16, cropNLayers: 1, minMaskRegionArea: 100 });
 * @throws MaskloomError OPTION_INVALID naming the parameter
 */
export function everythingWith(options: EverythingOptions = {}): Recipe<EverythingWiring> {
  const { cropNLayers, cropOverlapRatio, ...others } = options;
  const { pointsPerSide, pointsPerBatch, cropNPointsDownscaleFactor, pointGrids, ...sifting } = others;
  return defineRecipe({
    system: 'sam',
    name: 'everything',
    summary: 'Segment Anything on a grid of points: every mask of good quality, without names.',
    tasks: ['free'],
    wiring: {
      Tiler: { supplies: ['image'], demands: ['views'] },
      Encoder: { supplies: ['image'], demands: ['mask-features'] },
      PointSampler: { supplies: ['views'], demands: ['sampled-points'] },
      MaskDecoder: { supplies: ['mask-features', 'point-prompt'], demands: ['mask-logits'] },
      MaskSifter: { supplies: ['mask-logits', 'views'], demands: ['segments'] },
    },
    stages: {
      Tiler: samCrops({ cropNLayers, cropOverlapRatio }),
      Encoder: samEncoder(),
      PointSampler: pointGrid({ pointsPerSide, pointsPerBatch, cropNPointsDownscaleFactor, pointGrids }),
      MaskDecoder: samMaskDecoder(),
      MaskSifter: maskSifter(sifting),
    },
    async run(stages, image, request, run) {
      warnOfRegions(request, run);
      const plan = await stages.Tiler.plan(image, run);
      const found: MaskProposal[] = [];
      for (const planned of plan.views) {
        throwIfAborted(run.signal, 'sam/everything');
        const view = { ...planned }; // its pixels are made here, once
        const features = requireFrame(await stages.Encoder.encode(view.image, run), 'SamPx');
        const own: MaskProposal[] = [];
        for (const points of await stages.PointSampler.sample(view, plan, run)) {
          const { xy, labels } = toFrame(points, features.transform);
          const prompts = Array.from(labels, (_, i) => ({
            points: {
              frame: 'SamPx' as const,
              xy: xy.slice(2 * i, 2 * i + 2),
              labels: labels.slice(i, i + 1),
            },
          }));
          const masks = await stages.MaskDecoder.decode(features, prompts, run, 'every');
          own.push(...(await stages.MaskSifter.sift({ image, view, points, masks }, run)));
        }
        found.push(...(await stages.MaskSifter.suppress(own, run)));
      }
      return { answer: '', segments: await stages.MaskSifter.finish(found, plan, LABEL, run) };
    },
  });
}

/**
 * Everything in a picture, as segment-anything's `SamAutomaticMaskGenerator` finds it with its own defaults: a grid of
 * points, three masks each, those of good quality and stability, without duplicates. Segments come in the reference's
 * order: the highest predicted IoU first, on several crops those of the smallest crops first.
 */
export const everything: Recipe<EverythingWiring> = everythingWith();
