import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTokenizer } from './load-tokenizer.js';

/** Word-level, with two special tokens; `<s>` would be put in front by the post-processor. */
const TOKENIZER = {
  version: '1.0',
  added_tokens: ['<s>', '[SEG]'].map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { '<s>': { id: '<s>', ids: [0], tokens: ['<s>'] } },
  },
  decoder: null,
  model: {
    type: 'WordLevel',
    vocab: { '<s>': 0, '[SEG]': 1, '<unk>': 2, red: 3, star: 4, it: 5, is: 6 },
    unk_token: '<unk>',
  },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskloom-tokenizer-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function files(contents: Record<string, string>): Map<string, string> {
  return new Map(
    Object.entries(contents).map(([name, text]) => {
      writeFileSync(join(folder, name), text);
      return [name, join(folder, name)];
    }),
  );
}
const whole = () => files({ 'tokenizer.json': JSON.stringify(TOKENIZER), 'tokenizer_config.json': '{}' });

describe('loadTokenizer', () => {
  it('adds nothing around a text, and takes special tokens out of it', async () => {
    const tokenizer = await loadTokenizer(whole(), 'test');
    expect(tokenizer.encode('It is [SEG] red star')).toEqual([5, 6, 1, 3, 4]);
    expect(tokenizer.encode('')).toEqual([]);
  });

  it('keeps special tokens when decoding', async () => {
    const tokenizer = await loadTokenizer(whole(), 'test');
    expect(tokenizer.decode([5, 6, 1])).toBe('it is [SEG]');
    expect(tokenizer.decode([])).toBe('');
  });

  it('knows the id of a token, and refuses one it does not have', async () => {
    const tokenizer = await loadTokenizer(whole(), 'test');
    expect(tokenizer.id('[SEG]')).toBe(1);
    expect(() => tokenizer.id('[BOX]')).toThrow(
      expect.objectContaining({ code: 'BUNDLE_INVALID', message: expect.stringContaining("'[BOX]'") }),
    );
    expect(() => tokenizer.id('<SEG>')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("Did you mean '[SEG]'?") }),
    );
  });

  it('reads a tokenizer without its configuration', async () => {
    const only = files({ 'tokenizer.json': JSON.stringify(TOKENIZER) });
    expect((await loadTokenizer(only, 'test')).encode('red')).toEqual([3]);
  });

  it.each([
    ['no file at all', {}],
    ['no tokenizer.json', { 'tokenizer_config.json': '{}' }],
    ['half a tokenizer.json', { 'tokenizer.json': JSON.stringify(TOKENIZER).slice(0, 50) }],
    ['a tokenizer.json of another kind', { 'tokenizer.json': '{"model":{"type":"Nonsense"}}' }],
    ['an empty object', { 'tokenizer.json': '{}' }],
  ])('refuses %s', async (_, contents) => {
    await expect(loadTokenizer(files(contents as Record<string, string>), 'test')).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
    });
  });
});
