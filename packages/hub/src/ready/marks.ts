import type { RepositoryFiles } from './repository-files.js';

/** Tokens that end a text and that fill up a row. */
export interface Marks {
  readonly eos: string;
  readonly pad: string;
}

/**
 * A tokenizer's marks as its configuration names them.
 * @param usual - for repositories whose configuration does not
 */
export async function marksOf(files: RepositoryFiles, usual: Marks): Promise<Marks> {
  const config = (await files.json('tokenizer_config.json')) ?? {};
  return { eos: textOf(config['eos_token']) ?? usual.eos, pad: textOf(config['pad_token']) ?? usual.pad };
}

/** A token as text, or as an object that has it as its content. */
function textOf(token: unknown): string | undefined {
  if (typeof token === 'string') return token;
  if (typeof token !== 'object' || token === null || !('content' in token)) return undefined;
  return typeof token.content === 'string' ? token.content : undefined;
}
