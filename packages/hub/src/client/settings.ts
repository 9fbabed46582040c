import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory, expanded, huggingFaceHome, type Environment } from '@maskloom/runtime';

/** Where the hub and its cache are, and how they are used. */
export interface HubSettings {
  /** Address of the hub, without a slash at the end. */
  readonly endpoint: string;
  /** Sent to the hub's own host only. */
  readonly token: string | undefined;
  /** Folder of the cache that Python's `huggingface_hub` shares. */
  readonly cache: string;
  /** Folder of what Maskloom makes from the hub's files. */
  readonly madeFiles: string;
  /** True to use what the cache has and ask nobody. */
  readonly offline: boolean;
  /** False where snapshots get files instead of links. */
  readonly symlinks: boolean;
  /** Milliseconds before the first repetition of a failed request; doubled each time. */
  readonly retryDelay: number;
  /** Milliseconds without a byte after which a connection counts as lost. */
  readonly stallTimeout: number;
}

const TRUE = /^(1|on|yes|true)$/i;

/**
 * The settings that Python's `huggingface_hub` would read from the same variables: `HF_ENDPOINT`; `HF_TOKEN` or the file
 * `HF_TOKEN_PATH` (`token` in `HF_HOME`), unless `HF_HUB_DISABLE_IMPLICIT_TOKEN`; `HF_HUB_CACHE` (`hub` in `HF_HOME`);
 * `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`; `HF_HUB_DISABLE_SYMLINKS`.
 * @param env - the process's variables when absent
 * @param given - settings that go before the variables
 */
export function hubSettings(env: Environment = process.env, given: Partial<HubSettings> = {}): HubSettings {
  const home = huggingFaceHome(env);
  const flag = (name: string): boolean => TRUE.test(env[name] ?? '');
  const endpoint = given.endpoint ?? (env['HF_ENDPOINT'] || 'https://huggingface.co');
  return {
    cache: expanded(env['HF_HUB_CACHE']) ?? expanded(env['HUGGINGFACE_HUB_CACHE']) ?? join(home, 'hub'),
    madeFiles: cacheDirectory(env),
    offline: flag('HF_HUB_OFFLINE') || flag('TRANSFORMERS_OFFLINE'),
    symlinks: !flag('HF_HUB_DISABLE_SYMLINKS'),
    token: flag('HF_HUB_DISABLE_IMPLICIT_TOKEN') ? undefined : tokenOf(env, home),
    retryDelay: 1000,
    stallTimeout: 30_000,
    ...given,
    endpoint: endpoint.endsWith('/') ? endpoint.slice(0, -1) : endpoint,
  };
}

function tokenOf(env: Environment, home: string): string | undefined {
  const given = env['HF_TOKEN'] || env['HUGGING_FACE_HUB_TOKEN'];
  if (given) return given.trim();
  try {
    const text = readFileSync(expanded(env['HF_TOKEN_PATH']) ?? join(home, 'token'), 'utf8').trim();
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}
