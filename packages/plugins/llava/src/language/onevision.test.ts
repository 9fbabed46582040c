import { describe, expect, it } from 'vitest';
import { localTensor, type FeatureMap, type LanguageModel } from '@maskloom/core';
import { conformanceCases, fakeRun, fakeTensor, type FakeHost } from '@maskloom/core/conformance';
import { clipFeatures } from './clip-features.test.helper.js';
import {
  embeddingOf,
  logitsOf,
  noise,
  statesOf,
  tokenizer,
  toyHost,
  WIDTH,
} from './fake-language.test.helper.js';
import { instructionFor } from './instructions.js';
import { oneVisionLanguageModel } from './onevision.js';

const BIAS = [0, 0.2, 0.9, 0, 0, 0, 0, 0.4, 0.4, 0.4, 0.4, 0.4];
const vision = Float32Array.from({ length: 12 }, (_, i) => noise(i + 100));
const features: FeatureMap<'ClipPx'> = {
  ...clipFeatures(),
  space: 'siglip',
  tensor: fakeTensor('float32', [1, 4, 3], vision),
  transform: {
    frame: 'ClipPx',
    original: { width: 32, height: 16 },
    resized: { width: 16, height: 16 },
    input: { width: 16, height: 16 },
    scaleX: 0.5,
    scaleY: 1,
    offsetX: 0,
    offsetY: 0,
  },
};
const imageRows = Array.from({ length: 4 }, (_, t) =>
  Array.from({ length: WIDTH }, (_, d) => Math.fround((vision[t * 3] ?? 0) * (1 + d))),
);
const prefix = (words: string): number[][] =>
  [0, ...tokenizer.encode(`USER: ${words} <im_start>`)].map(embeddingOf);
const build = async (host: FakeHost): Promise<LanguageModel> =>
  oneVisionLanguageModel().create({
    models: host,
    signal: new AbortController().signal,
    warn: () => undefined,
  });

describe('oneVisionLanguageModel', () => {
  it('reads the instruction before the image: patch states depend on the task', async () => {
    const model = await build(toyHost(BIAS));
    const states = async (purpose: object) =>
      (await model.read(features, fakeRun(), purpose)).imageStates.tensor.read();
    const free = prefix('the ring and the star');
    const wanted = statesOf([...free, ...imageRows]).slice(free.length);
    expect([...(await states({ task: 'free' }))]).toEqual(wanted.flat().map(Math.fround));
    expect(await states({ task: 'referring', text: 'star' })).not.toEqual(await states({ task: 'free' }));
    // Without a task the words stand there as they are; a task without an instruction gets that of `free`.
    expect(await states({ text: 'the star' })).toEqual(await states({ task: 'referring', text: 'star' }));
    expect(await states({ task: 'semantic' })).toEqual(await states({ task: 'free' }));
  });

  it('may have one instruction for all tasks, if the bundle has it', async () => {
    const make = (instruction: 'list' | 'region') =>
      oneVisionLanguageModel({ instruction }).create({
        models: toyHost(BIAS),
        signal: new AbortController().signal,
        warn: () => undefined,
      });
    const session = await (await make('list')).read(features, fakeRun(), { task: 'free' });
    const listed = prefix('the ring');
    const wanted = statesOf([...listed, ...imageRows]).slice(listed.length);
    expect([...(await session.imageStates.tensor.read())]).toEqual(wanted.flat().map(Math.fround));
    await expect(async () => make('region')).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
  });

  it('goes on from its reading for the same words and reads again for others', async () => {
    const host = toyHost(BIAS);
    const model = await build(host);
    const readings = (): number => host.runs.filter((role) => role === 'projector').length;
    const run = fakeRun();
    const session = await model.read(features, run, { task: 'referring', text: 'star' });
    const once = await session.answer({ text: '', watch: [] }, run);
    expect((await session.answer({ text: 'star', watch: [] }, run)).tokenIds).toEqual(once.tokenIds);
    expect(readings()).toBe(1);
    const other = await session.answer({ text: 'the ring', watch: [] }, run);
    expect(readings()).toBe(2);
    const fresh = await model.read(features, run, { text: 'the ring' });
    expect(other.tokenIds).toEqual((await fresh.answer({ text: '', watch: [] }, run)).tokenIds);
  });

  it('asks after the image where the template has the words there, and refuses to lose an instruction', async () => {
    // Never the end at once.
    const wordy = [0, -9, ...BIAS.slice(2)];
    const after = 'USER: <im_start>{image}<im_end> {text} ASSISTANT:';
    const model = await build(toyHost(wordy, { prompt: after }));
    const run = fakeRun();
    const first = async (purpose: object, text: string): Promise<number | undefined> =>
      (await (await model.read(features, run, purpose)).answer({ text, watch: [] }, run)).tokenIds[0];
    const wanted = (words: string): number => {
      const sequence = [...[0, ...tokenizer.encode('USER: <im_start>')].map(embeddingOf), ...imageRows];
      sequence.push(...tokenizer.encode(`<im_end> ${words} ASSISTANT:`).map(embeddingOf));
      const logits = logitsOf(statesOf(sequence).at(-1) ?? [], wordy).map(Math.fround);
      return logits.indexOf(Math.max(...logits));
    };
    expect(await first({ task: 'free' }, '')).toBe(wanted('the ring and the star'));
    expect(await first({ task: 'referring', text: 'star' }, 'star')).toBe(wanted('the star'));
    expect(await first({ task: 'referring', text: 'star' }, 'no')).toBe(wanted('no'));
    await expect(model.read(features, run, { task: 'free', states: true })).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringContaining('would be lost') as string,
      where: 'toy: presets.onevision.prompt',
    });
    // Words before the image are in its states.
    const before = await build(toyHost(wordy));
    await expect(before.read(features, run, { task: 'free', states: true })).resolves.toBeDefined();
  });

  it('reads as many tokens as a picture has, where the bundle names no number', async () => {
    const model = await build(toyHost(BIAS, { imageTokens: undefined }));
    const run = fakeRun();
    const six = Float32Array.from({ length: 18 }, (_, i) => noise(i + 300));
    const session = await model.read(
      { ...features, rows: 3, tensor: fakeTensor('float32', [1, 6, 3], six) },
      run,
      { task: 'free' },
    );
    expect(session.imageStates.tensor.dims).toEqual([1, 6, WIDTH]);
    expect((await (await model.read(features, run, { task: 'free' })).imageStates.tensor.read()).length).toBe(
      4 * WIDTH,
    );
    // A grid of six cells over four tokens.
    await expect(model.read({ ...features, rows: 3 }, run)).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    // With a number in the bundle every picture has to have it.
    const fixed = await build(toyHost(BIAS));
    const given = { ...features, rows: 3, tensor: fakeTensor('float32', [1, 6, 3], six) };
    await expect(fixed.read(given, run)).rejects.toMatchObject({ code: 'VALUE_INVALID' });
  });

  it('shows the answer as it is written', async () => {
    const run = fakeRun();
    const session = await (await build(toyHost(BIAS))).read(features, run, { task: 'free' });
    const { text, tokenIds } = await session.answer({ text: '', watch: [] }, run);
    expect(run.shown).toHaveLength(tokenIds.length);
    expect(run.shown.at(-1)).toBe(text);
  });

  it('writes along embeddings as one sequence', async () => {
    const rows = [0, 1, 2].map((n) =>
      Array.from({ length: WIDTH }, (_, d) => Math.fround(2 * noise(40 + 4 * n + d))),
    );
    const run = fakeRun();
    const session = await (await build(toyHost(BIAS))).read(features, run, { task: 'free' });
    const texts = await session.along?.(
      { embeddings: localTensor([3, WIDTH], Float32Array.from(rows.flat())), stop: '.', maxTokens: 3 },
      run,
    );
    const sequence = [...prefix('the ring and the star'), ...imageRows];
    sequence.push(...tokenizer.encode('<im_end> ASSISTANT:').map(embeddingOf));
    const wanted = rows.map((row) => {
      sequence.push(row);
      const ids: number[] = [];
      for (let t = 0; t < 3; t++) {
        const logits = logitsOf(statesOf(sequence).at(-1) ?? [], BIAS);
        const next = logits.indexOf(Math.max(...logits));
        sequence.push(embeddingOf(next));
        if (next === 1) break;
        ids.push(next);
        if (next === 11) break;
      }
      return tokenizer.decode(ids).split('.')[0]?.trim();
    });
    expect(texts?.map(({ text }) => text)).toEqual(wanted);
    run.scope.release();
  });

  it.each(
    conformanceCases('LanguageModel', oneVisionLanguageModel(), {
      host: () => toyHost(BIAS),
      sizes: { grid: 2, vision: 3 },
      text: 'the star',
    }).map((c) => [c.name, c] as const),
  )('%s', (_, c) => c.run());
});

describe('instructionFor', () => {
  it('quotes the words where the instruction has a place for them', () => {
    const instructions = { free: 'all of it', referring: 'where is {text}?' };
    expect(instructionFor(instructions, { task: 'free', text: 'x' })).toBe('all of it');
    expect(instructionFor(instructions, { task: 'referring', text: ' a cup ' })).toBe('where is a cup?');
    expect(instructionFor(instructions, { task: 'semantic', text: 'x' })).toBe('all of it');
    expect(instructionFor({}, { task: 'semantic', text: 'x' })).toBe('x');
    expect(instructionFor(instructions, {})).toBe('');
  });
});
