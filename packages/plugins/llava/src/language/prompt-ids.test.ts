import { describe, expect, it } from 'vitest';
import type { MaskloomError } from '@maskloom/core';
import { fakeTokenizer } from '@maskloom/core/conformance';
import type { LanguagePreset } from './preset.js';
import { promptIds } from './prompt-ids.js';

const tokenizer = fakeTokenizer(['<s>', '</s>', '<im_start>', '<im_end>', '<|user|>']);
const preset: LanguagePreset = {
  hidden: 4,
  imageTokens: 4,
  prompt: 'USER: <im_start>{image}<im_end> {text} ASSISTANT:',
  bos: '<s>',
  eos: '</s>',
  imStart: '<im_start>',
  maxNewTokens: 8,
  lowercase: false,
  answerPrefix: ' ',
  positions: 64,
};
const said = (changes: Partial<LanguagePreset>) => {
  const ids = promptIds(tokenizer, { ...preset, ...changes }, 'llava');
  return [ids.prefix(''), ids.question('the cup'), ids.answer(' It is. ')].map((row) =>
    tokenizer.decode(row),
  );
};

describe('promptIds', () => {
  it('begins with the token that begins prompts, and ends the prefix at the image', () => {
    expect(said({})).toEqual(['<s>USER: <im_start>', '<im_end> the cup ASSISTANT:', ' It is.']);
  });

  it('does without both tokens, as Qwen2 and LLaVA-1.5 itself do', () => {
    const prompt = '<|user|>{image} {text}<|user|>';
    expect(said({ prompt, bos: undefined, imStart: undefined })).toEqual([
      '<|user|>',
      ' the cup<|user|>',
      ' It is.',
    ]);
  });

  it('puts nothing before an answer where the tokenizer does so itself', () => {
    expect(said({ answerPrefix: '' })[2]).toBe('It is.');
  });

  it('refuses a template without the token that the preset names', () => {
    const make = () => said({ prompt: 'USER: {image} {text}' });
    expect(make).toThrow(
      expect.objectContaining({
        code: 'BUNDLE_INVALID',
        where: 'presets.llava.prompt',
      } satisfies Partial<MaskloomError>) as Error,
    );
  });
});
