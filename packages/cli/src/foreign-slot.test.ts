import {
  compose,
  createRegistry,
  definePlugin,
  defineRecipe,
  defineSlot,
  defineStage,
  Tiler,
  type ImageFrame,
  type RunContext,
  type Stage,
} from '@maskloom/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { applyOverrides } from './evaluate/adapt-recipe.js';
import { listSystems } from './list-systems.js';
import { predictionsSchema, PREDICTIONS_SCHEMA, toRun } from './output/predictions.js';

interface SceneNamer extends Stage {
  nameScene(image: ImageFrame, run: RunContext): Promise<string>;
}
declare module '@maskloom/core' {
  interface SlotStages {
    SceneNamer: SceneNamer;
  }
  interface Signals {
    'scene-name': string;
  }
}

const SceneNamer = defineSlot('SceneNamer', { after: 'Tiler', summary: 'Image to the name of its scene.' });
const namer = (name: string) =>
  defineStage({
    slot: SceneNamer,
    name: `scenes/${name}`,
    summary: 'Always the same.',
    options: z.object({ suffix: z.string().default('') }),
    needs: ['image'],
    gives: ['scene-name'],
    create: ({ suffix }) => ({ nameScene: async () => name + suffix }),
  });
const [street, beach] = [namer('street'), namer('beach')];
const tiler = defineStage({
  slot: Tiler,
  name: 'scenes/tiler',
  summary: 'One view.',
  options: z.object({}),
  needs: ['image'],
  gives: ['views'],
  create: () => ({ plan: async (image) => ({ canvas: image, views: [] }) }),
});
const recipe = defineRecipe({
  system: 'scenes',
  name: 'named',
  summary: 'Names the scene.',
  tasks: ['free'],
  wiring: {
    SceneNamer: { supplies: ['image'], demands: ['scene-name'] },
    Tiler: { supplies: ['image'], demands: [] },
  },
  stages: { SceneNamer: street(), Tiler: tiler() },
  run: async (stages, image, _, run) => ({
    answer: await stages.SceneNamer.nameScene(image, run),
    segments: [],
  }),
});
const plugin = {
  name: 'scenes',
  version: '0.1.0',
  api: '^1.0',
  stages: [street, beach, tiler],
  recipes: [recipe],
};
const registry = createRegistry().register(definePlugin(plugin));
const image: ImageFrame = { width: 1, height: 1, rgb: new Uint8Array(3), sha256: '00' };

describe("a plugin's own slot", () => {
  it('is listed in the order of flow', () => {
    const [system] = listSystems(registry);
    expect(Object.entries(system?.recipes[0]?.stages ?? {})).toEqual([
      ['Tiler', 'scenes/tiler'],
      ['SceneNamer', 'scenes/street'],
    ]);
  });

  it('is changed by a table, and written with the result', async () => {
    const changed = applyOverrides(
      recipe,
      { stages: { SceneNamer: { stage: 'scenes/beach', options: { suffix: '!' } } } },
      registry,
    );
    await using pipeline = await compose(changed).build();
    const prediction = await pipeline.segment(image, { task: 'free' });
    expect(prediction.answer).toBe('beach!');
    const runs = [toRun(image, 'a.png', { bundle: 'tiny' }, prediction)];
    const written: unknown = JSON.parse(
      JSON.stringify({ schema: PREDICTIONS_SCHEMA, runs, failures: [], skipped: [] }),
    );
    expect(predictionsSchema.parse(written).runs[0]?.stages).toMatchObject([
      { slot: 'SceneNamer', stage: 'scenes/beach' },
    ]);
    expect(() => applyOverrides(recipe, { stages: { SceneNamr: {} } }, registry)).toThrow(
      expect.objectContaining({
        code: 'SLOT_UNKNOWN',
        message: expect.stringContaining('SceneNamer') as string,
      }),
    );
  });
});
