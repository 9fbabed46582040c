import { maskNames, NAMING_TOWERS, type MaskNamesOptions } from '@maskloom/clip';
import { defineRecipe, parseLabels, warnOfRegions, type Recipe, type SlotSignals } from '@maskloom/core';
import { findEverything } from './find-everything.js';
import { onePerName } from './one-per-name.js';
import { EVERYTHING, everythingStages, type EverythingOptions, type EverythingWiring } from './wiring.js';

/** What flows where when everything is found first and named then. */
export interface EverythingNamedWiring extends EverythingWiring {
  /** Gives the masks names out of the request's labels. */
  readonly CategoryGenerator: SlotSignals<'candidates', 'names'>;
}

/** Parameters of `sam/everything`, and how its masks are named. */
export type EverythingNamedOptions = EverythingOptions & MaskNamesOptions;

/**
 * {@link everythingNamed} with other parameters.
 *
 * @example
 * const careful = everythingNamedWith({ cropNLayers: 1, suppression: 'masks', by: 'crops', noneBelow: 0.4 });
 * @throws MaskloomError OPTION_INVALID naming the parameter
 */
export function everythingNamedWith(options: EverythingNamedOptions = {}): Recipe<EverythingNamedWiring> {
  const { towers, by, margin, surroundings, templates, temperature, noneBelow, ...finding } = options;
  return defineRecipe({
    system: 'sam',
    name: 'everything-named',
    summary: 'Segment Anything on a grid of points, its masks named from any list by CLIP or SigLIP.',
    tasks: ['semantic', 'instance'],
    bundleRecipe: 'sam/everything',
    alsoUses: [towers === undefined ? NAMING_TOWERS : [towers]],
    wiring: { ...EVERYTHING, CategoryGenerator: { supplies: ['candidates'], demands: ['names'] } },
    stages: {
      ...everythingStages(finding),
      CategoryGenerator: maskNames({
        towers,
        by,
        margin,
        surroundings,
        templates,
        temperature,
        noneBelow,
      }),
    },
    async run(stages, image, request, run) {
      warnOfRegions(request, run);
      parseLabels(request.labels, 'sam/everything-named'); // before the long part
      const found = await findEverything(stages, image, run);
      const masks = { image, masks: found.map(({ mask }) => mask) };
      const candidates = request.labels ?? [];
      const names = await stages.CategoryGenerator.name({ masks, image, candidates }, run);
      const named = found.flatMap((segment, n) => {
        const name = names[n];
        if (name === undefined || name.none === true) return [];
        return [{ ...segment, label: name.name, score: name.score }];
      });
      return { answer: '', segments: request.task === 'semantic' ? onePerName(named) : named };
    },
  });
}

/**
 * Everything in a picture (`sam/everything`), named from the request's labels: any list, no training, the models of two
 * bundles. A segment's score is that of its name. The task `instance` gives every mask that has a name, the task `semantic`
 * one segment per label, pixels going to the surest mask.
 */
export const everythingNamed: Recipe<EverythingNamedWiring> = everythingNamedWith();
