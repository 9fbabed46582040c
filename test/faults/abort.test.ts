import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compare, createFeatureCache, type Pipeline } from '@maskloom/core';
import { full, points } from '@maskloom/read';
import { folderBundle, onnx, type OnnxSource } from '@maskloom/runtime';
import { several } from '@maskloom/stacked-seg';
import { ASK, everyStage, sceneImage } from './workbench.js';

describe('a run that is given up', () => {
  let models: OnnxSource;
  let pipeline: Pipeline;
  /** Stage calls of a whole run, in order. */
  let calls: readonly string[];
  beforeAll(async () => {
    models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1, keepOpen: true });
    pipeline = await everyStage(full).on(models).build();
    const seen: string[] = [];
    pipeline.events.on('stage:start', ({ slot }) => seen.push(slot));
    await pipeline.segment(sceneImage(), ASK);
    pipeline.events.removeAllListeners();
    calls = seen;
  });
  afterAll(() => models.dispose());

  it('ends after any stage call before the next one, with nothing left', async () => {
    expect(calls.length).toBeGreaterThan(6);
    for (let last = 1; last <= calls.length; last++) {
      const controller = new AbortController();
      const started: string[] = [];
      let [ended, begun] = [0, 0];
      pipeline.events.on('stage:start', ({ slot }) => started.push(slot));
      pipeline.events.on('stage:end', () => {
        if (++ended !== last) return;
        begun = started.length; // some stages work side by side
        controller.abort(new Error(`after ${last}`));
      });
      const run = pipeline.segment(sceneImage(), ASK, { signal: controller.signal });
      await expect(run, `after ${calls[last - 1]}`).rejects.toMatchObject({ code: 'ABORTED' });
      expect(started).toEqual(calls.slice(0, begun));
      expect(models.liveTensors, `after ${calls[last - 1]}`).toBe(0);
      pipeline.events.removeAllListeners();
    }
  });

  it('does not start when the signal is aborted already', async () => {
    const started: string[] = [];
    pipeline.events.on('stage:start', ({ slot }) => started.push(slot));
    await expect(pipeline.segment(sceneImage(), ASK, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    pipeline.events.removeAllListeners();
    expect(started).toEqual([]);
  });

  it('leaves nothing wherever the moment falls, while other runs go on', async () => {
    const alone = await pipeline.segment(sceneImage(), ASK);
    const controllers = Array.from({ length: 6 }, () => new AbortController());
    const hasty = controllers.map(({ signal }, i) =>
      pipeline.segment(sceneImage(8_940_100 + i), ASK, { signal }).then(
        () => 'finished',
        (error: { code: string }) => error.code,
      ),
    );
    const patient = pipeline.segment(sceneImage(), ASK);
    controllers.forEach((controller, i) => setTimeout(() => controller.abort(), 3 * i));
    const ends = await Promise.all(hasty);
    expect(ends.every((end) => end === 'ABORTED' || end === 'finished')).toBe(true);
    expect(ends).toContain('ABORTED');
    expect((await patient).segments.map((segment) => segment.mask)).toEqual(
      alone.segments.map((segment) => segment.mask),
    );
    expect(models.liveTensors).toBe(0);
  });

  it('ends a comparison, whose cache keeps only what it may', async () => {
    const pipelines = await Promise.all(
      [several, points, full].map((recipe) => everyStage(recipe).on(models).build()),
    );
    const cache = createFeatureCache({ maxImages: 1 });
    const controller = new AbortController();
    pipelines[1]?.events.on('stage:start', () => controller.abort());
    await expect(
      compare(pipelines, sceneImage(), ASK, { signal: controller.signal, cache }),
    ).rejects.toMatchObject({ code: 'ABORTED' });
    cache.dispose();
    await Promise.all(pipelines.map((one) => one.dispose()));
    expect(models.liveTensors).toBe(0);
  });

  it('is ended by disposing of its pipeline', async () => {
    const doomed = await everyStage(full).on(models).build();
    const run = doomed.segment(sceneImage(), ASK);
    const refused = expect(run).rejects.toMatchObject({ code: 'DISPOSED' });
    await doomed.dispose();
    await refused;
    await expect(doomed.segment(sceneImage(), ASK)).rejects.toMatchObject({ code: 'DISPOSED' });
    expect(models.liveTensors).toBe(0);
  });
});
