import { join, posix } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { isCommit } from '../client/repository.js';

/** Where the parts of one repository lie in the cache: the layout of Python's `huggingface_hub`. */
export interface Places {
  /** `models--owner--name`. */
  readonly home: string;
  /** A file's contents, by its ETag. */
  readonly blob: (etag: string) => string;
  /** A file that is on its way. */
  readonly partial: (etag: string) => string;
  /** The file that holds the commit of a branch or tag. */
  readonly ref: (revision: string) => string;
  /** The folder of a commit's files. */
  readonly snapshot: (commit: string) => string;
  /** A file of a commit: a link to its blob. */
  readonly pointer: (commit: string, file: string) => string;
  /** Held while a file is fetched. */
  readonly lock: (etag: string) => string;
}

/**
 * @param cache - the cache's folder
 * @param id - `owner/name`
 */
export function placesOf(cache: string, id: string): Places {
  const folder = `models--${id.replace('/', '--')}`;
  const home = join(cache, folder);
  return {
    home,
    blob: (etag) => join(home, 'blobs', etag),
    // Not `{etag}.incomplete`, which older versions of huggingface_hub append to under a lock that Node cannot take.
    partial: (etag) => join(home, 'blobs', `${etag}.maskloom.incomplete`),
    ref: (revision) => join(home, 'refs', ...revision.split('/')),
    snapshot: (commit) => join(home, 'snapshots', commit),
    pointer: (commit, file) => join(home, 'snapshots', commit, ...checkedPath(file).split('/')),
    lock: (etag) => join(cache, '.locks', folder, `${etag}.maskloom.lock`),
  };
}

/**
 * A path that a hub gave, after a look at it.
 * @throws MaskloomError HUB_FILE_DAMAGED when it would lead out of the repository's folder
 */
export function checkedPath(file: string): string {
  const plain = posix.normalize(file) === file && !posix.isAbsolute(file) && !/[\\\0:]/.test(file);
  if (plain && file !== '' && file !== '.' && !file.split('/').includes('..')) return file;
  throw new MaskloomError(
    'HUB_FILE_DAMAGED',
    `The hub names a file '${file}', which is no path inside a repository.`,
    {
      where: 'hub',
      hint: 'Check HF_ENDPOINT: this is not how a hub answers.',
    },
  );
}

/**
 * An ETag that is fit to name a file.
 * @throws MaskloomError HUB_FILE_DAMAGED
 */
export function checkedEtag(etag: string): string {
  if (/^[\w.-]{8,128}$/.test(etag) && !etag.startsWith('.')) return etag;
  throw new MaskloomError('HUB_FILE_DAMAGED', `The hub gave '${etag.slice(0, 80)}' as a file's ETag.`, {
    where: 'hub',
    hint: 'Check HF_ENDPOINT: this is not how a hub answers.',
  });
}

/**
 * A commit as a hub gave it.
 * @throws MaskloomError HUB_FILE_DAMAGED
 */
export function checkedCommit(commit: string): string {
  if (isCommit(commit)) return commit;
  throw new MaskloomError('HUB_FILE_DAMAGED', `The hub gave '${commit.slice(0, 80)}' as a commit.`, {
    where: 'hub',
    hint: 'Check HF_ENDPOINT: this is not how a hub answers.',
  });
}
