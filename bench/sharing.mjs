// What comparing five recipes costs, against the five one by one.
import { compare } from '@maskloom/core';
import { full, points, seg, segPoints } from '@maskloom/read';
import { single } from '@maskloom/stacked-seg';
import { costInTurns, ms, ratio } from './lib/measure.mjs';
import { ASK, everyStage, image, openModels } from './lib/stage.mjs';

/** @returns rows of the report */
export async function measure({ rounds }) {
  const models = openModels();
  const recipes = [single, seg, points, segPoints, full];
  const pipelines = [];
  for (const recipe of recipes) pipelines.push(await everyStage(recipe).on(models).build());
  const spent = await costInTurns(
    {
      together: () => compare(pipelines, image(), ASK),
      alone: async () => {
        const one = image();
        for (const pipeline of pipelines) await pipeline.segment(one, ASK);
      },
    },
    rounds,
  );
  await models.dispose();
  return [
    {
      key: 'sharing',
      cost: spent.together.least / spent.alone.least,
      name: 'comparing five recipes on an image, against the five alone',
      value: ratio(spent.together.wall / spent.alone.wall),
      aim: '< 1',
      good: spent.together.wall < spent.alone.wall,
      detail: `${ms(spent.together.wall)} against ${ms(spent.alone.wall)}`,
    },
  ];
}
