import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFeatureCache } from '../cache/feature-cache.js';
import { compose } from '../compose/compose.js';
import { fakeSource } from '../conformance/fake-host.js';
import { fakeImage } from '../conformance/fake-image.js';
import { defineRecipe } from '../define-recipe.js';
import type { ImageFrame } from '../domain/image-frame.js';
import type { SegmentRequest } from '../domain/prediction.js';
import type { RunContext } from '../slots/stage.js';
import type { Pipeline } from './pipeline.js';
import { newLog, toyEncoder, toyModel, toyRecipe } from './toy-system.test-helper.js';

const image = fakeImage(4, 3);
const source = () => fakeSource({ models: { encoder: toyModel } });
const warnings: string[] = [];
const onWarning = (warning: Error): void => void warnings.push(warning.name);
beforeEach(() => {
  warnings.length = 0;
  process.on('warning', onWarning);
});
afterEach(() => void process.off('warning', onWarning));

/** Sleeps for as many milliseconds as it is told by the request's text. */
const sleeper = defineRecipe({
  system: 'toy',
  name: 'sleeper',
  summary: 'Sleeps.',
  tasks: ['free'],
  wiring: {},
  stages: {},
  async run(_stages, _image, { text = '0' }) {
    await sleep(Number(text));
    if (text === '1') throw new Error('woken');
    return { answer: text, segments: [] };
  },
});

describe('parallel calls on one pipeline', () => {
  it('give no warning of too many listeners, with one signal and one cache for all', async () => {
    const { signal } = new AbortController();
    const cache = createFeatureCache();
    const builds = Array.from({ length: 12 }, () =>
      compose(toyRecipe(newLog())).on(source()).build({ signal }),
    );
    const [pipeline] = (await Promise.all(builds)) as [Pipeline, ...Pipeline[]];
    const texts = Array.from({ length: 25 }, (_, i) => `call ${i}`);
    const answers = await Promise.all(
      texts.map((text) => pipeline.segment(image, { task: 'free', text }, { signal, cache })),
    );
    expect(answers.map(({ answer }) => answer.split(' ').slice(0, 2).join(' '))).toEqual(texts);
    await sleep(1);
    expect(warnings).toEqual([]);
    cache.dispose();
    for (const built of builds) await (await built).dispose();
  });

  it('give none to a stage that waits for many things at once either', async () => {
    const encoder = toyEncoder(newLog())();
    const recipe = defineRecipe({
      system: 'toy',
      name: 'views',
      summary: 'Encodes many views at once.',
      tasks: ['free'],
      wiring: { Encoder: { supplies: ['image'], demands: ['mask-features'] } },
      stages: { Encoder: encoder },
      async run(stages, _image, _request, run) {
        const views = Array.from({ length: 15 }, (_, i) => ({ ...image, sha256: `view ${i}` }));
        await Promise.all(views.map((view) => stages.Encoder.encode(view, run)));
        return { answer: '', segments: [] };
      },
    });
    await using pipeline = await compose(recipe).on(source()).build();
    using cache = createFeatureCache({ maxImages: 20 });
    await pipeline.segment(image, { task: 'free' }, { cache });
    await sleep(1);
    expect(warnings).toEqual([]);
  });

  it('are answered in the order asked, and run side by side', async () => {
    await using pipeline = await compose(sleeper).build();
    const order: string[] = [];
    const start = performance.now();
    await Promise.all(
      ['400', '40', '4', '300'].map(async (text) => {
        const { answer } = await pipeline.segment(image, { task: 'free', text });
        order.push(answer);
      }),
    );
    expect(order).toEqual(['400', '40', '4', '300']);
    expect(performance.now() - start).toBeLessThan(700);
  });

  it('are told of a failure and of an abort at once, and a failure holds nobody up', async () => {
    await using pipeline = await compose(sleeper).build();
    const told: string[] = [];
    const ask = async (text: string, signal?: AbortSignal): Promise<void> => {
      const result = pipeline.segment(image, { task: 'free', text }, signal === undefined ? {} : { signal });
      await result.then(
        ({ answer }) => told.push(answer),
        (error: { code: string }) => told.push(error.code),
      );
    };
    const controller = new AbortController();
    const calls = [ask('300'), ask('1'), ask('2', controller.signal), ask('3')];
    await sleep(60);
    expect(told).toEqual(['STAGE_FAILED']);
    controller.abort();
    await calls[2];
    expect(told).toEqual(['STAGE_FAILED', 'ABORTED']);
    await Promise.all(calls);
    expect(told).toEqual(['STAGE_FAILED', 'ABORTED', '300', '3']);
  });

  it('do not wait for a run that they are part of', async () => {
    await using pipeline: Pipeline = await compose({
      ...sleeper,
      async run(stages: object, picture: ImageFrame, request: SegmentRequest, run: RunContext) {
        if (request.text === 'outer') await pipeline.segment(picture, { task: 'free', text: '2' });
        return sleeper.run(stages, picture, { ...request, text: '3' }, run);
      },
    }).build();
    expect((await pipeline.segment(image, { task: 'free', text: 'outer' })).answer).toBe('3');
  });
});
