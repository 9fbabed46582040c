import { describe, expect, it } from 'vitest';
import type { LanguageModel, MaskloomError } from '@maskloom/core';
import { fakeRun, type FakeHost } from '@maskloom/core/conformance';
import { clipFeatures } from './clip-features.test.helper.js';
import { toyHost, tokenizer } from './fake-language.test.helper.js';
import { llavaLanguageModel, type LlavaModelOptions } from './language-model.js';
import { oneVisionLanguageModel } from './onevision.js';

const features = clipFeatures();

const context = (models: FakeHost) => ({
  models,
  signal: new AbortController().signal,
  warn: () => undefined,
});
const build = async (preset: object, options: LlavaModelOptions = {}): Promise<LanguageModel> =>
  llavaLanguageModel(options).create(context(toyHost([], preset)));

/** What the tokenizer is given between the image and the answer. */
async function askedWords(
  preset: object,
  options: LlavaModelOptions,
  text: string,
  task?: 'referring' | 'reasoning',
) {
  const seen: string[] = [];
  const noting = { ...tokenizer, encode: (words: string) => (seen.push(words), tokenizer.encode(words)) };
  const models = toyHost([], preset, noting);
  const model = await llavaLanguageModel({ ...options, forcedAnswer: 'it' }).create(context(models));
  const run = fakeRun();
  const session = await model.read(features, run, task === undefined ? {} : { task, text });
  await session.answer({ text, watch: [] }, run);
  return seen.filter((words) => words.includes('ASSISTANT:')).at(-1);
}

describe('the question', () => {
  const questions = {
    reasoning: { text: '{text} Please segment.', lowercase: false },
    short: { text: 'What is {text} in this image?' },
  };

  it.each([
    ['the words alone without a question', {}, {}, 'referring', '<im_end> the big star ASSISTANT:'],
    [
      'the words alone for a task without one',
      { questions },
      {},
      'referring',
      '<im_end> the big star ASSISTANT:',
    ],
    ['that of the task', { questions }, {}, 'reasoning', '<im_end> The BIG star Please segment. ASSISTANT:'],
    [
      'one by name',
      { questions },
      { question: 'short' },
      'reasoning',
      '<im_end> What is the big star in this image? ASSISTANT:',
    ],
    [
      'one of your own',
      {},
      { question: 'Where is {text}?' },
      'referring',
      '<im_end> Where is the big star? ASSISTANT:',
    ],
  ] as const)('is %s', async (_, preset, options, task, expected) => {
    expect(await askedWords(preset, options, ' The BIG star', task)).toBe(expected);
  });

  it('that the bundle does not have is an error that names the nearest', async () => {
    await expect(build({ questions }, { question: 'shrt' })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('short') as string,
    });
  });
});

describe('the forced answer', () => {
  it("is the system's own where it is asked for", async () => {
    const run = fakeRun();
    const model = await build({ answer: 'It is the ring [SEG] .' }, { forcedAnswer: true });
    const answer = await (
      await model.read(features, run)
    ).answer({ text: 'the ring', watch: ['[SEG]'] }, run);
    expect(answer.text).toBe('It is the ring [SEG] .');
    expect(answer.emitted.map((e) => e.textBefore)).toEqual(['it is the ring']);
  });

  it('is an error where the bundle does not say it', async () => {
    await expect(build({}, { forcedAnswer: true })).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
  });
});

describe('the context', () => {
  // <s> user: <im_start> | image of 4 | <im_end> the words assistant:
  const fixed = 3 + 4 + 2;
  const words = (count: number): string => Array.from({ length: count }, () => 'star').join(' ');

  it('takes words as long as one token of an answer fits, and no more', async () => {
    const host = toyHost([], { positions: fixed + 11 });
    const model = await llavaLanguageModel().create(context(host));
    expect(() => model.check?.({ text: words(10) })).not.toThrow();
    expect(() => model.check?.({ text: words(11) })).toThrow(
      /with its template it is 16 tokens.*room for 15/,
    );
    const run = fakeRun();
    const answer = await (await model.read(features, run)).answer({ text: words(10), watch: [] }, run);
    expect([answer.tokenIds.length, answer.truncated]).toEqual([1, true]);
    await expect(
      (await model.read(features, run)).answer({ text: words(11), watch: [] }, run),
    ).rejects.toMatchObject({
      code: 'PROMPT_TOO_LONG',
    });
  });

  it('counts the instruction that stands before the image', async () => {
    // <s> user: the words <im_start> | image of 4 | <im_end> assistant:
    const model = await oneVisionLanguageModel().create(
      context(toyHost([], { positions: fixed + 4, instructions: { referring: 'the {text}' } })),
    );
    expect(() => model.check?.({ task: 'referring', text: words(2) })).not.toThrow();
    expect(() => model.check?.({ task: 'referring', text: words(3) })).toThrow(/room/);
  });

  it('refuses a text without end before it is made into tokens', async () => {
    let encoded = 0;
    const noting = {
      ...tokenizer,
      encode: (text: string) => ((encoded += text.length), tokenizer.encode(text)),
    };
    const model = await llavaLanguageModel().create(context(toyHost([], { positions: 100 }, noting)));
    encoded = 0;
    let caught: unknown;
    try {
      model.check?.({ text: 'a'.repeat(1_000_000) });
    } catch (error) {
      caught = error;
    }
    expect((caught as MaskloomError).code).toBe('PROMPT_TOO_LONG');
    expect(encoded).toBe(0);
  });
});
