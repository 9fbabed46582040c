import { getEventListeners } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, createFeatureCache, LanguageModel, type ImageFrame } from '@maskloom/core';
import { makeScene } from '@maskloom/synth';
import { llavaLanguageModel } from '@maskloom/llava';
import { full } from '@maskloom/read';
import { folderBundle, onnx } from '@maskloom/runtime';

const ASK = { task: 'referring', text: 'the red star' } as const;
const build = () => compose(full).with(LanguageModel, llavaLanguageModel({ forcedAnswer: 'It is [SEG].' }));

function scene(seed: number): ImageFrame {
  const { rgb, width, height } = makeScene(seed, 128, 96);
  return { rgb, width, height, sha256: `scene ${seed}` };
}

describe('what a pipeline leaves behind', { timeout: 300_000 }, () => {
  it('is no thread, no tensor and no listener, pipeline after pipeline', async () => {
    const threads: Worker[] = [];
    const count = (worker: Worker): void => void threads.push(worker);
    process.on('worker', count);
    const before = process.listenerCount('exit');
    await using models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1 });
    const controller = new AbortController();
    for (let i = 0; i < 4; i++) {
      await using pipeline = await build().on(models).build({ signal: controller.signal });
      await pipeline.segment(scene(8_960_000 + i), ASK, { signal: controller.signal });
      expect(models.liveTensors).toBe(0);
    }
    process.off('worker', count);
    // The thread ends with the last pipeline, so each had one of its own; -1 is the id of a thread that has ended.
    expect(threads.map((worker) => worker.threadId)).toEqual([-1, -1, -1, -1]);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    expect(process.listenerCount('exit')).toBe(before);
  });

  it('is nothing from image to image, but what the cache is told to keep', async () => {
    await using models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1 });
    await using pipeline = await build().on(models).build();
    using cache = createFeatureCache({ maxImages: 2 });
    const controller = new AbortController();
    const live: number[] = [];
    for (let i = 0; i < 6; i++) {
      await pipeline.segment(scene(8_960_100 + i), ASK, { signal: controller.signal, cache });
      live.push(models.liveTensors);
    }
    // After the second image each comes at the price of the one that leaves.
    expect(new Set(live.slice(1)).size).toBe(1);
    expect(cache.images).toBe(2);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    cache.dispose();
    expect(models.liveTensors).toBe(0);
  });
});
