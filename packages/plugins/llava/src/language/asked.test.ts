import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { LanguageModel, LanguagePrompt } from '@maskloom/core';
import { fakeRun, type FakeHost } from '@maskloom/core/conformance';
import { clipFeatures } from './clip-features.test.helper.js';
import { languageModel, tokenizer, toyHost } from './fake-language.test.helper.js';
import { llavaLanguageModel, type LlavaModelOptions } from './language-model.js';

const features = clipFeatures();
/** Lifts [SEG] so that it appears in the toy model's answers, and `</s>` a little. */
const SEGGY = [0, 0.3, 1.2];

const build = async (host: FakeHost, options: LlavaModelOptions = {}): Promise<LanguageModel> =>
  llavaLanguageModel(options).create({
    models: host,
    signal: new AbortController().signal,
    warn: () => undefined,
  });
const ask = (more: Partial<LanguagePrompt> = {}): LanguagePrompt => ({
  text: 'the star and the ring',
  watch: ['[SEG]'],
  ...more,
});

describe('an image that is read with the first question', () => {
  it.each([
    ['given', { forcedAnswer: 'it is [SEG]' }],
    ['generated', {}],
  ])('gives the same answer and states as one that is read before, the answer %s', async (_, options) => {
    const results = [];
    for (const asked of [false, true]) {
      const run = fakeRun();
      const session = await (await build(toyHost(SEGGY), options)).read(features, run, { asked });
      const answers = [await session.answer(ask(), run), await session.answer(ask({ text: 'no' }), run)];
      const emitted = answers.flatMap((answer) => answer.emitted.map(({ state }) => state.read()));
      const states = await Promise.all([...emitted, session.imageStates.tensor.read()]);
      results.push([answers.map(({ text, tokenIds }) => [text, tokenIds]), states]);
    }
    expect(results[1]).toEqual(results[0]);
  });

  it('is read once, and has no states before', async () => {
    const host = toyHost(SEGGY);
    const run = fakeRun();
    const session = await (await build(host, { forcedAnswer: 'it' })).read(features, run, { asked: true });
    expect(host.runs).not.toContain('projector');
    expect(() => session.imageStates.tensor).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
    await Promise.all([session.answer(ask(), run), session.answer(ask(), run)]);
    expect(host.runs.filter((id) => id === 'projector')).toHaveLength(1);
    expect(session.imageStates.tensor.dims[1]).toBe(4);
    run.scope.release();
    expect(host.liveTensors).toBe(0);
  });

  it('is read anew after a question that failed', async () => {
    const host = toyHost(SEGGY);
    const run = fakeRun();
    const model = await build(host, { forcedAnswer: 'it' });
    const session = await model.read(features, run, { asked: true });
    const over = fakeRun({ signal: AbortSignal.abort(new Error('enough')) });
    await expect(session.answer(ask(), over)).rejects.toMatchObject({ code: 'ABORTED' });
    expect((await session.answer(ask(), run)).text).toBe('it');
  });

  it('is read by itself where it stays read for other runs', async () => {
    const host = toyHost(SEGGY);
    const run = fakeRun();
    await (await build(host, { keepImages: 1 })).read(features, run, { asked: true });
    expect(host.runs).toContain('projector');
  });
});

describe('a watched token', () => {
  it.each([
    ['a generated answer', ask()],
    ['a generated answer that is followed', ask({ onText: () => undefined })],
    ['an answer without it', ask({ watch: ['<CATEGORY>'] })],
    ['a given answer', ask({ forcedAnswer: 'it is [SEG]' })],
    ['a given answer without it', ask({ forcedAnswer: 'it is' })],
  ])('is told, each time, before the end of %s', async (what, prompt) => {
    const model = languageModel(SEGGY);
    // A given answer is told while the model reads it.
    const slow = {
      ...model,
      run: (feeds: Parameters<typeof model.run>[0]) => sleep(5).then(() => model.run(feeds)),
    };
    const run = fakeRun();
    const host = toyHost(SEGGY, {}, tokenizer, slow);
    const session = await (await build(host)).read(features, run, { asked: true });
    const seen: string[] = [];
    const answer = session.answer({ ...prompt, onWatched: () => seen.push('told') }, run);
    const { emitted } = await answer.finally(() => seen.push('end'));
    expect(seen).toEqual([...emitted.map(() => 'told'), 'end']);
    expect(emitted.length > 0).toBe(!what.endsWith('without it'));
  });
});
