import { describe, expect, it } from 'vitest';
import { fakeSource } from '../conformance/fake-host.js';
import { fakeImage } from '../conformance/fake-image.js';
import { compare } from '../compare.js';
import { compose } from '../compose/compose.js';
import { hostTensor } from '../domain/host-tensor.js';
import { newLog, toyModel, toyRecipe } from '../pipeline/toy-system.test-helper.js';
import { createFeatureCache } from './feature-cache.js';

const request = { task: 'free', text: '' } as const;
const images = [0, 1, 2, 3].map((seed) => fakeImage(4, 3, seed));
const [first, second, third] = images as [(typeof images)[0], (typeof images)[0], (typeof images)[0]];

/** Two pipelines over one source, and how often the shared encoder ran. */
async function pair(encoder = toyModel) {
  const source = fakeSource({ models: { encoder } });
  const build = (onPrompt?: Parameters<typeof toyRecipe>[1]) =>
    compose(toyRecipe(newLog(), onPrompt)).on(source).build();
  const encodings = () => source.hosts.reduce((sum, host) => sum + host.runs.length, 0);
  const live = () => source.hosts.reduce((sum, host) => sum + host.liveTensors, 0);
  return { build, encodings, live, one: await build(), two: await build() };
}

describe('the feature cache', () => {
  it('encodes an image once for several pipelines and requests', async () => {
    const { one, two, encodings, live } = await pair();
    const cache = createFeatureCache();
    const cached: unknown[] = [];
    two.events.on('stage:end', (event) => event.slot === 'Encoder' && cached.push(event.cached));
    const answers = [
      await one.segment(first, request, { cache }),
      await one.segment(first, request, { cache }),
      await two.segment(first, request, { cache }),
    ];
    expect(new Set(answers.map(({ answer }) => answer)).size).toBe(1);
    expect([encodings(), cache.hits, cache.misses, cached]).toEqual([1, 2, 1, [true]]);
    expect(answers[2]?.stages[0]?.slot).toBe('Encoder');
    expect(live()).toBe(1);
    cache.dispose();
    expect(live()).toBe(0);
  });

  it('encodes once for runs that ask at the same time', async () => {
    const { one, two, encodings } = await pair();
    using cache = createFeatureCache();
    await Promise.all([one, two, one, two].map((pipeline) => pipeline.segment(first, request, { cache })));
    expect(encodings()).toBe(1);
  });

  it('keeps the views of an image with it', async () => {
    const { one, encodings } = await pair();
    using cache = createFeatureCache({ maxImages: 1 });
    const view = { ...second, partOf: first.sha256 };
    for (const image of [first, view, first, view]) await one.segment(image, request, { cache });
    expect([encodings(), cache.images]).toEqual([2, 1]);
    await one.segment(third, request, { cache });
    await one.segment(view, request, { cache });
    expect(encodings()).toBe(4);
  });

  it('keeps the images used last', async () => {
    const { one, encodings, live } = await pair();
    using cache = createFeatureCache({ maxImages: 2 });
    for (const image of [first, second, first, third]) await one.segment(image, request, { cache });
    expect([encodings(), cache.images, live()]).toEqual([3, 2, 2]);
    await one.segment(first, request, { cache });
    expect(encodings()).toBe(3);
    await one.segment(second, request, { cache });
    expect(encodings()).toBe(4);
  });

  it('keeps features that a run is using, though others push them out', async () => {
    const { build, one } = await pair();
    using cache = createFeatureCache({ maxImages: 1 });
    const slow = await build(() => one.segment(second, request, { cache }));
    expect((await slow.segment(first, request, { cache })).answer).toBe(` ${(first.rgb[0] ?? 0) * 2}`);
  });

  it('keeps features when the pipeline that made them is disposed of', async () => {
    const { one, two, encodings, live } = await pair();
    const cache = createFeatureCache();
    await one.segment(first, request, { cache });
    await one.dispose();
    expect((await two.segment(first, request, { cache })).answer).toBe(` ${(first.rgb[0] ?? 0) * 2}`);
    expect([encodings(), live()]).toEqual([1, 1]);
    cache.dispose();
    expect(live()).toBe(0);
  });

  it('shares nothing between model sources', async () => {
    const { one, encodings } = await pair();
    const other = await pair();
    using cache = createFeatureCache();
    await one.segment(first, request, { cache });
    await other.one.segment(first, request, { cache });
    expect([encodings(), other.encodings()]).toEqual([1, 1]);
  });

  it('does not remember a failure', async () => {
    let broken = true;
    const { one, live } = await pair({
      ...toyModel,
      run: (feeds) => {
        if (broken) throw new Error('first');
        return toyModel.run(feeds);
      },
    });
    using cache = createFeatureCache();
    await expect(one.segment(first, request, { cache })).rejects.toMatchObject({ code: 'STAGE_FAILED' });
    expect([cache.images, live()]).toEqual([0, 0]);
    broken = false;
    expect((await one.segment(first, request, { cache })).answer).toContain('60');
  });

  it('goes on for one run when another that asked first is aborted', async () => {
    let finish = (): void => undefined;
    let begun = (): void => undefined;
    const encoding = new Promise<void>((resolve) => (begun = resolve));
    const { one, two, encodings } = await pair({
      ...toyModel,
      run: async () => {
        await new Promise<void>((resolve) => {
          finish = resolve;
          begun();
        });
        return { y: hostTensor('float32', [1, 1, 1, 1], Float32Array.of(5)) };
      },
    });
    using cache = createFeatureCache();
    const abort = new AbortController();
    const left = one.segment(first, request, { cache, signal: abort.signal });
    const stays = two.segment(first, request, { cache });
    await encoding;
    abort.abort();
    await expect(left).rejects.toMatchObject({ code: 'ABORTED' });
    finish();
    expect((await stays).answer).toBe(' 5');
    expect([encodings(), cache.images]).toEqual([1, 1]);
  });

  it('gives the encoding up when nobody waits for it', async () => {
    let finish = (): void => undefined;
    let begun = (): void => undefined;
    const encoding = new Promise<void>((resolve) => (begun = resolve));
    const { one, live } = await pair({
      ...toyModel,
      run: async (feeds) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
          begun();
        });
        return toyModel.run(feeds);
      },
    });
    using cache = createFeatureCache();
    const abort = new AbortController();
    const left = one.segment(first, request, { cache, signal: abort.signal });
    await encoding;
    abort.abort();
    await expect(left).rejects.toMatchObject({ code: 'ABORTED' });
    expect(cache.images).toBe(0);
    finish();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(live()).toBe(0);
  });

  it('refuses odd sizes and use after its disposal', async () => {
    for (const maxImages of [0, -1, 1.5, NaN])
      expect(() => createFeatureCache({ maxImages })).toThrow(
        expect.objectContaining({ code: 'OPTION_INVALID' }),
      );
    const { one } = await pair();
    const cache = createFeatureCache();
    cache.dispose();
    cache.dispose();
    await expect(one.segment(first, request, { cache })).rejects.toMatchObject({ code: 'DISPOSED' });
  });
});

describe('compare', () => {
  it('runs all pipelines on one encoding and gives failures as values', async () => {
    const { one, build, encodings, live } = await pair();
    const broken = await build(() => Promise.reject(new Error('no')));
    const outcomes = await compare([one, broken, one], first, request);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(outcomes[1]).toMatchObject({ pipeline: 'toy/chain', error: { code: 'STAGE_FAILED' } });
    expect([encodings(), live()]).toEqual([1, 0]);
  });

  it('gives a disposed pipeline as a failure', async () => {
    const { one, two } = await pair();
    await one.dispose();
    expect(
      (await compare([one, two], first, request)).map((outcome) => (outcome.ok ? 'ok' : outcome.error.code)),
    ).toEqual(['DISPOSED', 'ok']);
  });

  it('ends as a whole when it is aborted', async () => {
    const { one, build } = await pair();
    const abort = new AbortController();
    const aborting = await build(() => abort.abort(new Error('stop')));
    const ended = compare([aborting, one], first, request, { signal: abort.signal });
    await expect(ended).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
