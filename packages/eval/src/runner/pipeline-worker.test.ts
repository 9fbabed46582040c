import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pipeline } from '@maskloom/core';
import { writeSynth } from '@maskloom/synth';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Overrides } from '../ablation/ablation.js';
import { asking } from '../protocols/oracle.test-helper.js';
import { DEFAULT_SWITCHES } from '../protocols/protocol.js';
import { pipelineWorker } from './pipeline-worker.js';
import type { Subject, WorkerPlan } from './run-plan.js';
import type { EvalScene, SceneSet } from './scenes/scene.js';
import { syntheticScenes } from './scenes/synthetic-scenes.js';

const folder = mkdtempSync(join(tmpdir(), 'maskloom-worker-'));
let set: SceneSet;
let scene: EvalScene;
beforeAll(async () => {
  await writeSynth({ out: folder, count: 1, seed: 8_200_000, width: 64, height: 64 });
  set = await syntheticScenes({ folder, scratch: join(folder, 'scratch'), unseen: [] });
  for await (const one of set.scenes) scene = one;
});
afterAll(() => rmSync(folder, { recursive: true }));

const concat = (stages?: Overrides['stages']): Overrides => ({
  refine: { by: 'refine/concat', chosenBy: 'oracle', ...(stages === undefined ? {} : { stages }) },
});
const subjects: readonly Subject[] = [
  { recipe: 'oracle/told', overrides: concat() },
  { recipe: 'oracle/told', overrides: concat({ Refiner: { options: { maskPrompt: false } } }) },
];
const plan = (answers: WorkerPlan['switches']['answers']): WorkerPlan => ({
  device: 'cpu',
  bundles: [],
  switches: { ...DEFAULT_SWITCHES, answers },
  subjects,
  heads: { data: set.head },
  concurrency: 1,
});

it('builds each refiner with its own options, and answers are forced where the protocol lets them be', async () => {
  const { pipeline } = await asking(() => []);
  const refiners: unknown[] = [];
  const forced: boolean[] = [];
  const worker = pipelineWorker(plan('teacher-forced'), {
    subject: async (_, given) => (forced.push(given), pipeline),
    refiner: async ({ overrides }) => (refiners.push(overrides.refine?.stages), pipeline),
    mapper: async () => pipeline,
    helper: async (): Promise<Pipeline | undefined> => undefined,
  });
  for (const protocol of ['instances', 'premises', 'referring'])
    for (const subject of subjects.keys())
      await worker.run(scene as never, { subject, part: 'data', protocol });
  expect(refiners).toEqual([undefined, { Refiner: { options: { maskPrompt: false } } }]);
  expect(forced).toEqual([false, false, true, true]);
});
