import { describe, expect, it } from 'vitest';
import type { FeatureMap, LanguageModel, LanguagePrompt, Tensor } from '@maskloom/core';
import { fakeRun, fakeTensor } from '@maskloom/core/conformance';
import { clipFeatures } from './clip-features.test.helper.js';
import { llavaLanguageModel } from './language-model.js';
import { embeddingOf, logitsOf, statesOf, tokenizer, WIDTH, toyHost } from './fake-language.test.helper.js';

const features: FeatureMap<'ClipPx'> = {
  ...clipFeatures(),
  transform: {
    frame: 'ClipPx',
    original: { width: 20, height: 10 },
    resized: { width: 32, height: 16 },
    input: { width: 16, height: 16 },
    scaleX: 1.6,
    scaleY: 1.6,
    offsetX: 8,
    offsetY: 0,
  },
};
const imageRows = Array.from({ length: 4 }, (_, i) =>
  Array.from({ length: WIDTH }, (_, d) => Math.fround(Math.fround(Math.cos(i * 3)) * (1 + d))),
);

/** The whole sequence without a cache: prompt, image and answer read in one go. */
function withoutCache(
  text: string,
  bias: readonly number[],
  max: number,
): { ids: number[]; states: number[][]; start: number } {
  const prefix = [0, ...tokenizer.encode('USER: <im_start>')].map(embeddingOf);
  const question = tokenizer.encode(`<im_end> ${text} ASSISTANT:`).map(embeddingOf);
  const ids: number[] = [];
  for (;;) {
    const states = statesOf([...prefix, ...imageRows, ...question, ...ids.map(embeddingOf)]);
    const logits = logitsOf(states.at(-1) ?? [], bias).map(Math.fround);
    const next = logits.indexOf(Math.max(...logits));
    if (next === 1 || ids.length === max) return { ids, states, start: prefix.length + 4 + question.length };
    ids.push(next);
  }
}

async function build(bias: readonly number[] = [], host = toyHost(bias)): Promise<LanguageModel> {
  const spec = llavaLanguageModel();
  return spec.create({
    models: host,
    signal: new AbortController().signal,
    warn: () => undefined,
  });
}
const ask = (text: string, more: Partial<LanguagePrompt> = {}): LanguagePrompt => ({
  text,
  watch: ['[SEG]'],
  ...more,
});
const numbers = async (tensor: Tensor | undefined): Promise<number[]> => [...((await tensor?.read()) ?? [])];
/** Lifts [SEG] so that it appears in the toy model's answers, and `</s>` a little. */
const SEGGY = [0, 0.3, 1.2];

describe('llavaLanguageModel', () => {
  it.each([
    ['the star', []],
    ['the star and the ring', SEGGY],
    ['no', SEGGY],
  ] as const)('cached decoding of "%s" equals reading the whole sequence each time', async (text, bias) => {
    const run = fakeRun();
    const session = await (await build(bias)).read(features, run);
    const answer = await session.answer(ask(text), run);
    const reference = withoutCache(text, bias, 8);
    expect(answer.tokenIds).toEqual(reference.ids);
    expect(answer.truncated).toBe(reference.ids.length === 8);
    const expected = reference.ids.flatMap((id, i) => (id === 2 ? [i] : []));
    expect(answer.emitted.map((e) => e.index)).toEqual(expected);
    for (const emitted of answer.emitted) {
      const emitting = reference.states[reference.start + emitted.index - 1] ?? [];
      expect(emitted.state.dims).toEqual([1, WIDTH]);
      expect(await numbers(emitted.state)).toEqual(emitting.map(Math.fround));
    }
  });

  it('has a [SEG] in at least one of those answers', () => {
    expect(withoutCache('the star and the ring', SEGGY, 8).ids).toContain(2);
  });

  it('gives the states right after <im_start> as image states, in the grid of the encoder', async () => {
    const run = fakeRun();
    const { imageStates } = await (await build()).read(features, run);
    const prefix = [0, ...tokenizer.encode('USER: <im_start>')].map(embeddingOf);
    const states = statesOf([...prefix, ...imageRows]).slice(prefix.length);
    expect(await numbers(imageStates.tensor)).toEqual(states.flat().map(Math.fround));
    expect([imageStates.layout, imageStates.rows, imageStates.columns, imageStates.width]).toEqual([
      'tokens',
      2,
      2,
      WIDTH,
    ]);
    expect(imageStates.transform).toBe(features.transform);
  });

  it('reads the image once for many questions', async () => {
    const host = toyHost([0, 9]);
    const run = fakeRun();
    const session = await (await build([0, 9], host)).read(features, run);
    const afterRead = host.runs.filter((id) => id === 'languageModel').length;
    for (const text of ['the star', 'the ring', 'no'])
      expect((await session.answer(ask(text), run)).tokenIds).toEqual([]);
    expect(host.runs.filter((id) => id === 'languageModel')).toHaveLength(afterRead + 3);
    expect(host.runs.filter((id) => id === 'projector')).toHaveLength(1);
  });

  it('gives the same states when the generated answer is forced', async () => {
    const run = fakeRun();
    const session = await (await build(SEGGY)).read(features, run);
    const free = await session.answer(ask('the star and the ring'), run);
    const forced = await session.answer(ask('the star and the ring', { forcedAnswer: free.text }), run);
    expect(forced.tokenIds).toEqual(free.tokenIds);
    expect(forced.emitted.map((e) => [e.index, e.textBefore])).toEqual(
      free.emitted.map((e) => [e.index, e.textBefore]),
    );
    for (const [i, emitted] of forced.emitted.entries()) {
      expect(await numbers(emitted.state)).toEqual(await numbers(free.emitted[i]?.state));
    }
  });

  it('splits the text before each watched token', async () => {
    const run = fakeRun();
    const session = await (await build()).read(features, run);
    const answer = await session.answer(
      ask('x', { forcedAnswer: 'the star [SEG] and the ring [SEG] .' }),
      run,
    );
    expect(answer.emitted.map((e) => e.textBefore)).toEqual(['the star', 'and the ring']);
  });

  it('puts given embeddings at their tokens', async () => {
    const run = fakeRun();
    const session = await (await build(SEGGY)).read(features, run);
    const like = fakeTensor('float32', [1, WIDTH], Float32Array.from(embeddingOf(tokenizer.id('star'))));
    const placed = await session.answer(
      ask('the <CATEGORY>', { embeddings: new Map([['<CATEGORY>', like]]) }),
      run,
    );
    expect(placed.tokenIds).toEqual((await session.answer(ask('the star'), run)).tokenIds);
    const two = ask('<CATEGORY> and <CATEGORY>', { embeddings: new Map([['<CATEGORY>', like]]) });
    await expect(session.answer(two, run)).rejects.toMatchObject({ code: 'VALUE_INVALID' });
  });

  it('streams the text, and stops at the length limit', async () => {
    const run = fakeRun();
    const texts: string[] = [];
    const session = await (await build([0, -9])).read(features, run);
    const answer = await session.answer(
      ask('no', { maxNewTokens: 3, onText: (text) => texts.push(text) }),
      run,
    );
    expect(answer.truncated).toBe(true);
    expect(texts).toHaveLength(3);
    expect(texts.at(-1)).toBe(answer.text);
  });

  it('stops before the next model call when aborted, and leaves nothing after its scope', async () => {
    const host = toyHost([0, -9]);
    const controller = new AbortController();
    const run = fakeRun({ signal: controller.signal });
    const session = await (await build([0, -9], host)).read(features, run);
    let calls = 0;
    const onText = (): void => {
      controller.abort(new Error('enough'));
      calls = host.runs.length;
    };
    await expect(session.answer(ask('no', { onText }), run)).rejects.toMatchObject({ code: 'ABORTED' });
    expect(host.runs).toHaveLength(calls);
    run.scope.release();
    expect(host.liveTensors).toBe(0);
  });

  it('holds a bounded number of tensors however long the answer', async () => {
    const held = async (maxNewTokens: number): Promise<number> => {
      const host = toyHost([0, -9]);
      const run = fakeRun();
      const session = await (await build([0, -9], host)).read(features, run);
      await session.answer(ask('no', { maxNewTokens }), run);
      return host.liveTensors;
    };
    expect(await held(40)).toBe(await held(4));
  });

  it('refuses tokens of another count than it reads', async () => {
    const model = await build();
    await expect(model.read({ ...features, rows: 3 }, fakeRun())).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
  });

  it('refuses a template without <im_start> before the image', async () => {
    const models = toyHost([], { prompt: 'USER: {image} {text} ASSISTANT:' });
    const built = llavaLanguageModel().create({
      models,
      signal: new AbortController().signal,
      warn: () => undefined,
    });
    await expect(built).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
  });
});
