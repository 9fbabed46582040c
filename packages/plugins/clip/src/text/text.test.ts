import { describe, expect, it } from 'vitest';
import { hostTensor, type HostTensor } from '@maskloom/core';
import { fakeHost, fakeRun, fakeTokenizer } from '@maskloom/core/conformance';
import { clipText, siglipText } from './text-embedders.js';
import { tokenRows } from './token-rows.js';

const tokenizer = fakeTokenizer(['<pad>', '</s>', '<s>']);
const form = { maxTokens: 12, eos: 1, prefix: ' ', lowerCase: true, trimEnd: true };
const rows = (text: string, maxTokens = 12): string[] =>
  tokenRows(text, tokenizer, { ...form, maxTokens }).map((ids) => tokenizer.decode(ids));

describe('tokenRows', () => {
  it('keeps a text that fits in one row, with its mark', () => {
    expect(rows('  A  Red cup. ')).toEqual([' a red cup</s>']);
    const marked = tokenRows('cup', tokenizer, { ...form, prefix: '', bos: 2 });
    expect(marked.map((ids) => tokenizer.decode(ids))).toEqual(['<s>cup</s>']);
  });

  it('leaves the text as it is where the tower reads punctuation', () => {
    const asIs = tokenRows(' A  Cup. ', tokenizer, { ...form, prefix: '', trimEnd: false });
    expect(asIs.map((ids) => tokenizer.decode(ids))).toEqual(['a cup.</s>']);
    expect(tokenRows(' . ', tokenizer, { ...form, trimEnd: false })).toEqual([]);
  });

  it('divides behind sentences, then commas, then words, then tokens', () => {
    expect(rows('It is red. It is big!')).toEqual([' it is red</s>', ' it is big</s>']);
    expect(rows('long red, blue one')).toEqual([' long red</s>', ' blue one</s>']);
    expect(rows('one two three four')).toEqual([' one two</s>', ' three four</s>'].map((row) => row));
    expect(rows('abcdefghijklmnopqrstuvwxyz')).toEqual([' abcdefghij</s>', 'klmnopqrstu</s>', 'vwxyz</s>']);
  });

  it('leaves out nothing and stays within the limit', () => {
    const text = 'a striped red star, small or large; it shines. supercalifragilistic words, too';
    for (const limit of [6, 9, 15, 40]) {
      const parts = rows(text, limit);
      expect(
        parts
          .join('')
          .replaceAll('</s>', '')
          .replace(/[\s,.;]/g, ''),
      ).toBe(text.replace(/[\s,.;]/g, ''));
      for (const ids of tokenRows(text, tokenizer, { ...form, maxTokens: limit }))
        expect(ids.length).toBeLessThanOrEqual(limit);
    }
  });

  it('has no row for a text without words', () => {
    expect(rows(' ., ')).toEqual([]);
  });
});

/** Embeds a row by its letters: [count of 'a', count of others], of length 1. */
const model = {
  inputs: ['input_ids', 'attention_mask'].map((name) => ({
    name,
    dtype: 'int64' as const,
    shape: ['B', 'T'],
  })),
  outputs: [{ name: 'text_embed', dtype: 'float32' as const, shape: ['B', 2] }],
  run: ({ input_ids, attention_mask }: Readonly<Record<string, HostTensor>>) => {
    const [count = 0, length = 0] = input_ids?.dims ?? [];
    const values = new Float32Array(2 * count);
    for (let row = 0; row < count; row++) {
      const ids = Array.from({ length }, (_, t) => row * length + t)
        .filter((at) => attention_mask?.data[at] === 1n)
        .map((at) => Number(input_ids?.data[at]));
      const letters = tokenizer.decode(ids).replace('</s>', '').trim();
      const a = letters.split('').filter((letter) => letter === 'a').length;
      const norm = Math.hypot(a, letters.length - a);
      values.set([a / norm, (letters.length - a) / norm], 2 * row);
    }
    return { text_embed: hostTensor('float32', [count, 2], values) };
  },
};
const host = (models: Record<string, typeof model> = { clipText: model }) =>
  fakeHost({
    models,
    presets: { clip: { text: { maxTokens: 12, eos: '</s>', pad: '<pad>' } } },
    tokenizer,
  });
const build = async (models = host()) => ({
  models,
  stage: await clipText({ remember: 2 }).create({
    models,
    signal: new AbortController().signal,
    warn: () => undefined,
  }),
});

describe('clipText', () => {
  it('averages the sentences of a class, and divides what is too long with a warning', async () => {
    const { stage } = await build();
    const run = fakeRun();
    const { values, count, width } = await stage.embed([['a', 'b'], ['aaaa. bbbb cccc']], run);
    expect([count, width]).toEqual([2, 2]);
    for (const value of values) expect(value).toBeCloseTo(Math.SQRT1_2, 6);
    expect(run.warnings).toEqual([expect.stringContaining("divided and averaged: 'aaaa. bbbb cccc'")]);
  });

  it('embeds a text once, and forgets the oldest', async () => {
    const { stage, models } = await build();
    await stage.embed([['a'], ['b']], fakeRun());
    await stage.embed([['b'], ['a', 'b']], fakeRun());
    expect(models.runs.length).toBe(1);
    await stage.embed([['c']], fakeRun());
    await stage.embed([['b']], fakeRun());
    expect(models.runs.length).toBe(2);
    await stage.embed([['a']], fakeRun());
    expect(models.runs.length).toBe(3);
  });

  it('fills every row to the full length where the tower was trained so', async () => {
    const presets = { clip: { text: { maxTokens: 12, eos: '</s>', pad: '<pad>', fill: true } } };
    const fed: unknown[] = [];
    const watched = {
      ...model,
      run: (feeds: Parameters<typeof model.run>[0]) => {
        fed.push(feeds['input_ids']?.dims);
        return model.run(feeds);
      },
    };
    const { stage } = await build(fakeHost({ models: { clipText: watched }, presets, tokenizer }));
    await stage.embed([['a'], ['ab']], fakeRun());
    expect(fed).toEqual([[2, 12]]);
  });

  it('refuses a description without a word', async () => {
    await expect((await build()).stage.embed([['...']], fakeRun())).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
  });

  it('says what the bundle lacks', async () => {
    const context = { signal: new AbortController().signal, warn: () => undefined };
    const make = async () => siglipText().create({ ...context, models: host({ siglipText: model }) });
    await expect(make()).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      where: 'fake: presets.siglip.text',
    });
  });
});
