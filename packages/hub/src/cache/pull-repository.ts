import { MaskloomError, suggest } from '@maskloom/core';
import { readRepository } from '../client/repository.js';
import { hubSettings, type HubSettings } from '../client/settings.js';
import type { Progress } from '../client/progress.js';
import { openRepository, pullFiles } from './pull.js';

/** Options of {@link pullRepository}. */
export interface PullRepositoryOptions {
  /** A branch, a tag or a commit; `main` when absent. */
  readonly revision?: string;
  /** Paths in the repository; `*` stands for anything within a name, `**` for anything. All files when absent. */
  readonly files?: readonly string[];
  /** Where hub and cache are; read from the environment when absent. */
  readonly settings?: HubSettings;
  /** Told several times a second how far all is. */
  readonly onProgress?: (progress: Progress) => void;
  /** Calls the download off; what came is kept for the next time. */
  readonly signal?: AbortSignal;
}

/** What was brought to the cache. */
export interface PulledRepository {
  /** The commit that the revision stood for. */
  readonly commit: string;
  /** The folder that has the files under their paths. */
  readonly snapshot: string;
  /** Paths of the files. */
  readonly files: readonly string[];
}

/**
 * Brings files of a repository to the cache as they are, whatever they hold.
 * @param name - `owner/name`, or `owner/name@revision`
 * @throws MaskloomError VALUE_INVALID, HUB_NOT_FOUND (also when no file has one of the paths), HUB_ACCESS_DENIED,
 * HUB_UNREACHABLE, HUB_OFFLINE, HUB_FILE_DAMAGED, DISK_FULL, ABORTED
 */
export async function pullRepository(
  name: string,
  options: PullRepositoryOptions = {},
): Promise<PulledRepository> {
  const { revision, files: patterns, settings = hubSettings(), signal, onProgress } = options;
  const open = await openRepository(readRepository(name, revision), settings, signal);
  const wanted = patterns?.map((pattern) => ({ pattern, matches: globOf(pattern) }));
  for (const { pattern, matches } of wanted ?? []) {
    if (open.files.some(({ path }) => matches.test(path))) continue;
    throw new MaskloomError(
      'HUB_NOT_FOUND',
      `The repository ${open.repository.id} has no file '${pattern}'.`,
      {
        where: open.repository.id,
        hint: suggest(
          pattern,
          open.files.map(({ path }) => path),
        ),
      },
    );
  }
  const files = open.files.filter(({ path }) => wanted?.some(({ matches }) => matches.test(path)) ?? true);
  await pullFiles(open, files, { signal, onProgress });
  return { commit: open.commit, snapshot: open.snapshot, files: files.map(({ path }) => path) };
}

function globOf(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*|\*)/).map((part) => {
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}
