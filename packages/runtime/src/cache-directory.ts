import { homedir } from 'node:os';
import { join } from 'node:path';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where Maskloom keeps what it can make again: `MASKLOOM_CACHE`, else `maskloom` in Hugging Face's home (`HF_HOME`, else
 * `huggingface` in `XDG_CACHE_HOME` or `~/.cache`), beside the files that it is made from.
 * @param env - the process's variables when absent
 */
export function cacheDirectory(env: Environment = process.env): string {
  return env['MASKLOOM_CACHE'] || join(huggingFaceHome(env), 'maskloom');
}

/**
 * Hugging Face's home: `HF_HOME`, else `huggingface` in `XDG_CACHE_HOME` or `~/.cache`.
 * @param env - the process's variables when absent
 */
export function huggingFaceHome(env: Environment = process.env): string {
  return expanded(env['HF_HOME']) ?? join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'huggingface');
}

/** A path with `~` for the home folder written out; `undefined` when there is none. */
export function expanded(path: string | undefined): string | undefined {
  if (path === undefined || path === '') return undefined;
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}
