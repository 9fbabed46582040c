import { describe, expect, it } from 'vitest';
import type { FeatureMap, LanguageModel } from '@maskloom/core';
import { fakeRun, type FakeHost } from '@maskloom/core/conformance';
import { clipFeatures } from './clip-features.test.helper.js';
import { toyHost } from './fake-language.test.helper.js';
import { llavaLanguageModel } from './language-model.js';

async function build(
  keepImages: number,
): Promise<{ host: FakeHost; model: LanguageModel; readings: () => number }> {
  const host = toyHost([0, 0.3, 1.2]);
  const context = { models: host, signal: new AbortController().signal, warn: () => undefined };
  const model = await llavaLanguageModel({ keepImages }).create(context);
  return { host, model, readings: () => host.runs.filter((role) => role === 'projector').length };
}

/** One run: reads, asks, ends. */
async function ask(model: LanguageModel, on: FeatureMap, text = 'the star'): Promise<readonly number[]> {
  const run = fakeRun();
  try {
    const session = await model.read(on, run);
    return (await session.answer({ text, watch: [] }, run)).tokenIds;
  } finally {
    run.scope.release();
  }
}

describe('keepImages', () => {
  it('reads an image once for several runs, with the same answers', async () => {
    const image = clipFeatures(0);
    const kept = await build(1);
    const fresh = await build(0);
    for (const text of ['the star', 'the ring', 'the star']) {
      expect(await ask(kept.model, image, text)).toEqual(await ask(fresh.model, image, text));
    }
    expect([kept.readings(), fresh.readings()]).toEqual([1, 3]);
  });

  it('waits for one reading in concurrent runs', async () => {
    const { model, readings } = await build(1);
    const image = clipFeatures(0);
    const answers = await Promise.all([ask(model, image), ask(model, image), ask(model, image)]);
    expect(new Set(answers.map(String)).size).toBe(1);
    expect(readings()).toBe(1);
  });

  it('holds no more than it may, and nothing once disposed', async () => {
    const { host, model, readings } = await build(2);
    const images = [clipFeatures(0), clipFeatures(1), clipFeatures(2)] as const;
    await ask(model, images[0]);
    const perImage = host.liveTensors;
    expect(perImage).toBe(3);
    for (const image of images) await ask(model, image);
    expect(host.liveTensors).toBe(2 * perImage);
    await ask(model, images[2]);
    expect(readings()).toBe(3);
    await ask(model, images[0]);
    expect(readings()).toBe(4);
    await model.dispose?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(host.liveTensors).toBe(0);
  });

  it('leaves an image that a run uses until that run ends', async () => {
    const { host, model } = await build(1);
    const run = fakeRun();
    const session = await model.read(clipFeatures(0), run);
    await ask(model, clipFeatures(1));
    expect((await session.answer({ text: 'the star', watch: [] }, run)).tokenIds.length).toBeGreaterThan(0);
    await model.dispose?.();
    run.scope.release();
    await new Promise((resolve) => setImmediate(resolve));
    expect(host.liveTensors).toBe(0);
  });

  it('does not pass on the abort of one run to another', async () => {
    const { host, model, readings } = await build(1);
    const image = clipFeatures(0);
    const controller = new AbortController();
    const aborted = fakeRun({ signal: controller.signal });
    const first = model.read(image, aborted);
    const second = ask(model, image);
    controller.abort(new Error('enough'));
    await expect(first).rejects.toMatchObject({ code: 'ABORTED' });
    aborted.scope.release();
    expect((await second).length).toBeGreaterThan(0);
    expect(readings()).toBe(1);
    await model.dispose?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(host.liveTensors).toBe(0);
  });
});
