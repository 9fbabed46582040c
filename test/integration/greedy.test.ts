import { bundleDirectory } from '@maskloom/bundle-tiny';
import type { LanguageAnswer, ModelHost, ModelSession } from '@maskloom/core';
import { fakeRun } from '@maskloom/core/conformance';
import { clipTower } from '@maskloom/clip';
import { llavaLanguageModel } from '@maskloom/llava';
import { folderBundle, onnx } from '@maskloom/runtime';
import { makeScene } from '@maskloom/synth';
import { afterAll, describe, expect, it } from 'vitest';

const models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', keepOpen: true });
afterAll(() => models.dispose());
const { rgb } = makeScene(8_910_003, 128, 128);
const image = { rgb, width: 128, height: 128, sha256: 'scene' };

/** A host whose models are called one by one from this thread. */
function apart(host: ModelHost): ModelHost {
  const alone = (session: ModelSession): ModelSession => ({
    id: session.id,
    device: session.device,
    inputs: session.inputs,
    outputs: session.outputs,
    run: (feeds, options) => session.run(feeds, options),
  });
  const model = async (role: string): Promise<ModelSession> => alone(await host.model(role));
  return new Proxy(host, {
    get: (target, key) => {
      if (key === 'model') return model;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

async function reading(change: (host: ModelHost) => ModelHost = (host) => host, signal?: AbortSignal) {
  const host = await models.open('read/full');
  const run = fakeRun({ scope: host.scope(), ...(signal && { signal }) });
  const context = { models: change(host), signal: run.signal, warn: () => undefined };
  const features = await (await clipTower().create(context)).encode(image, run);
  const stage = await llavaLanguageModel({ maxNewTokens: 32 }).create(context);
  return { host, run, session: await stage.read(features, run) };
}
const prompt = { text: 'the red striped star', watch: ['[SEG]', '.'] };

async function shown({ text, tokenIds, chances, truncated, emitted }: LanguageAnswer): Promise<unknown> {
  const states = await Promise.all(emitted.map(({ state }) => state.read()));
  return { text, tokenIds, chances, truncated, emitted: emitted.map((one) => one.index), states };
}

describe('greedy decoding beside the sessions', () => {
  it('tells of watched tokens alone where nobody follows the text', async () => {
    const { session, run, host } = await reading();
    let told = 0;
    const quiet = { ...run, followed: () => false };
    const { emitted } = await session.answer({ ...prompt, onWatched: () => void told++ }, quiet);
    expect(told).toBe(emitted.length);
    expect(told).toBeGreaterThan(0);
    run.scope.release();
    await host.dispose();
  });

  it('writes what decoding from this thread writes, to the bit, and leaves no tensor', async () => {
    const [there, here] = [await reading(), await reading(apart)];
    const answer = await there.session.answer(prompt, there.run);
    expect(answer.tokenIds.length).toBeGreaterThan(2);
    expect(answer.emitted.length).toBeGreaterThan(0);
    expect(await shown(answer)).toEqual(await shown(await here.session.answer(prompt, here.run)));
    const states = await there.session.imageStates.tensor.read();
    expect(states).toEqual(await here.session.imageStates.tensor.read());
    for (const { run, host } of [there, here]) {
      run.scope.release();
      expect(host.liveTensors).toBe(0);
      await host.dispose();
    }
  });

  it('tells each token to those who follow, and lets calls of others in between', async () => {
    const [one, other] = [await reading(), await reading()];
    const texts: string[] = [];
    const [answer, second] = await Promise.all([
      one.session.answer({ ...prompt, onText: (text) => texts.push(text) }, one.run),
      other.session.answer(prompt, other.run),
    ]);
    expect(texts).toHaveLength(answer.tokenIds.length);
    expect(texts.at(-1)).toBe(answer.text);
    expect(second.tokenIds).toEqual(answer.tokenIds);
    await Promise.all([one.host.dispose(), other.host.dispose()]);
  });

  it('ends when it is cancelled, and the models go on working', async () => {
    const controller = new AbortController();
    const { session, run, host } = await reading(undefined, controller.signal);
    const texts: string[] = [];
    const onText = (text: string): void => {
      texts.push(text);
      controller.abort();
    };
    await expect(session.answer({ ...prompt, onText }, run)).rejects.toMatchObject({ code: 'ABORTED' });
    expect(texts.length).toBeGreaterThan(0);
    run.scope.release();
    expect(host.liveTensors).toBe(0);
    await host.dispose();
    const again = await reading();
    expect((await again.session.answer(prompt, again.run)).tokenIds.length).toBeGreaterThan(2);
    await again.host.dispose();
  });

  it.each([
    ['in the worker', (host: ModelHost) => host],
    ['from this thread', apart],
  ])('gives no answer where the cancelling came with its last token, %s', async (_, change) => {
    const whole = await reading(change);
    const { text } = await whole.session.answer(prompt, whole.run);
    await whole.host.dispose();
    const controller = new AbortController();
    const { session, run, host } = await reading(change, controller.signal);
    const onText = (so: string): void => void (so === text && controller.abort());
    await expect(session.answer({ ...prompt, onText }, run)).rejects.toMatchObject({ code: 'ABORTED' });
    run.scope.release();
    expect(host.liveTensors).toBe(0);
    await host.dispose();
  });
});
