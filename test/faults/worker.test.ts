import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compare, defineStage, PointPrompter } from '@maskloom/core';
import { full, seg } from '@maskloom/read';
import { folderBundle, onnx } from '@maskloom/runtime';
import { ASK, everyStage, sceneImage } from './workbench.js';

/** A stage that ends the thread which runs the models, in the middle of a run and between two model calls. */
const endThread = (worker: () => Worker | undefined) =>
  defineStage({
    slot: PointPrompter,
    name: 'fault/end-thread',
    summary: 'Ends the thread that runs the models.',
    options: z.object({}),
    needs: [],
    gives: ['point-prompt'],
    create: () => ({
      prompt: async () => {
        await worker()?.terminate();
        return { points: { frame: 'ImagePx', xy: Float32Array.of(5, 5), labels: Int8Array.of(1) } };
      },
    }),
  });

describe('the thread that runs the models ends in the middle of a run', () => {
  it('WORKER_CRASHED, nothing left, and a new pipeline of the same source works', async () => {
    const workers: Worker[] = [];
    process.once('worker', (worker: Worker) => workers.push(worker));
    await using models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1 });
    const doomed = await everyStage(full)
      .with(PointPrompter, endThread(() => workers[0])())
      .on(models)
      .build();
    const bystander = await everyStage(seg).on(models).build();
    expect(workers).toHaveLength(1);

    await expect(doomed.segment(sceneImage(), ASK)).rejects.toMatchObject({
      code: 'WORKER_CRASHED',
      hint: expect.stringContaining('pipeline'),
    });
    // Pipelines that shared the thread say the same, in a comparison as a value.
    const [outcome] = await compare([bystander], sceneImage(), ASK);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'WORKER_CRASHED' } });
    await doomed.dispose();
    await bystander.dispose();
    expect(models.liveTensors).toBe(0);

    await using fresh = await everyStage(full).on(models).build();
    expect((await fresh.segment(sceneImage(), ASK)).segments).toHaveLength(1);
  });
});
