import { readFile } from 'node:fs/promises';
import type { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { MaskloomError, suggest } from '@maskloom/core';
import type { Tokenizer } from '@maskloom/core';

/**
 * Loads a Hugging Face tokenizer.
 * @param files - real paths by name; needs `tokenizer.json`, reads `tokenizer_config.json` when there
 * @param where - for messages
 * @throws MaskloomError BUNDLE_INVALID when there is no `tokenizer.json` or it cannot be understood.
 */
export async function loadTokenizer(files: ReadonlyMap<string, string>, where: string): Promise<Tokenizer> {
  const path = find(files, 'tokenizer.json');
  if (path === undefined) {
    throw new MaskloomError('BUNDLE_INVALID', 'the bundle has no tokenizer.json', {
      where: `${where}: tokenizer.files`,
      hint: 'Use a bundle made for a language-model recipe.',
    });
  }
  const configPath = find(files, 'tokenizer_config.json');
  try {
    const tokenizer: object = JSON.parse(await readFile(path, 'utf8'));
    const config: object = configPath === undefined ? {} : JSON.parse(await readFile(configPath, 'utf8'));
    const { Tokenizer: Inner } = await import('@huggingface/tokenizers');
    return new BundleTokenizer(new Inner(tokenizer, config), where);
  } catch (cause) {
    throw new MaskloomError('BUNDLE_INVALID', `the tokenizer cannot be read: ${(cause as Error).message}`, {
      where: `${where}: tokenizer.json`,
      cause,
    });
  }
}

class BundleTokenizer implements Tokenizer {
  constructor(
    readonly inner: HuggingFaceTokenizer,
    readonly where: string,
  ) {}

  encode(text: string): readonly number[] {
    return this.inner.encode(text, { add_special_tokens: false }).ids;
  }

  decode(ids: readonly number[]): string {
    // The library refuses an empty list.
    if (ids.length === 0) return '';
    return this.inner.decode([...ids], { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  }

  id(token: string): number {
    const id = this.inner.token_to_id(token);
    if (id !== undefined) return id;
    throw new MaskloomError('BUNDLE_INVALID', `the tokenizer has no token '${token}'`, {
      where: `${this.where}: tokenizer.json`,
      hint: suggest(token, this.#special(token)),
    });
  }

  /** Special tokens, those with the same letters first: `[SEG]` is nearer to `<SEG>` than `<s>` is. */
  #special(token: string): readonly string[] {
    const letters = (text: string): string => text.replace(/\P{L}/gu, '').toLowerCase();
    const all = [...this.inner.get_added_tokens_decoder().values()].map(({ content }) => content);
    const same = (one: string): boolean => letters(one) === letters(token);
    return [...all.filter(same), ...all.filter((one) => !same(one))];
  }
}

function find(files: ReadonlyMap<string, string>, name: string): string | undefined {
  for (const [file, path] of files) if (file === name || file.endsWith(`/${name}`)) return path;
  return undefined;
}
