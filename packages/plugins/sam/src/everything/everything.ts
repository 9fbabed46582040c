import { defineRecipe, warnOfRegions, type Recipe } from '@maskloom/core';
import { findEverything } from './find-everything.js';
import { EVERYTHING, everythingStages, type EverythingOptions, type EverythingWiring } from './wiring.js';

/**
 * {@link everything} with other parameters, under the names of the reference's.
 *
 * @example
 * const careful = everythingWith({ pointsPerSide: 16, cropNLayers: 1, minMaskRegionArea: 100 });
 * @throws MaskloomError OPTION_INVALID naming the parameter
 */
export function everythingWith(options: EverythingOptions = {}): Recipe<EverythingWiring> {
  return defineRecipe({
    system: 'sam',
    name: 'everything',
    summary: 'Segment Anything on a grid of points: every mask of good quality, without names.',
    tasks: ['free'],
    wiring: EVERYTHING,
    stages: everythingStages(options),
    async run(stages, image, request, run) {
      warnOfRegions(request, run);
      return { answer: '', segments: await findEverything(stages, image, run) };
    },
  });
}

/**
 * Everything in a picture, as segment-anything's `SamAutomaticMaskGenerator` finds it with its own defaults: a grid of
 * points, three masks each, those of good quality and stability, without duplicates. Segments come in the reference's
 * order: the highest predicted IoU first, on several crops those of the smallest crops first.
 */
export const everything: Recipe<EverythingWiring> = everythingWith();
