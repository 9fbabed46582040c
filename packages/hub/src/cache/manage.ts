import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MaskloomError, suggest } from '@maskloom/core';
import { isCommit } from '../client/repository.js';
import type { HubSettings } from '../client/settings.js';
import { removeMade } from '../ready/made-graphs.js';
import { matches } from './content-hash.js';
import { blobName } from './fetch-file.js';
import { placesOf } from './places.js';
import { cachedFiles } from './pull.js';

/** A repository of the cache. */
export interface CachedRepository {
  /** `owner/name`. */
  readonly id: string;
  /** Bytes on the disk, unfinished files included. */
  readonly bytes: number;
  /** Commits that have files here, with the branches and tags that stood for them. */
  readonly revisions: readonly {
    /** Its full hash. */
    readonly commit: string;
    /** Branches and tags. */
    readonly refs: readonly string[];
    /** Paths in the repository. */
    readonly files: readonly string[];
  }[];
}

/** Lists the repositories of models in the cache, whoever fetched them. */
export async function listCache({ cache }: HubSettings): Promise<readonly CachedRepository[]> {
  const folders = await readdir(cache).catch(() => []);
  const found: CachedRepository[] = [];
  for (const folder of folders.sort()) {
    const [kind, owner, name, ...more] = folder.split('--');
    const whole = kind === 'models' && owner !== undefined && name !== undefined && more.length === 0;
    const id = whole ? `${owner}/${name}` : undefined;
    if (id !== undefined) found.push(await describe(cache, id));
  }
  return found;
}

async function describe(cache: string, id: string): Promise<CachedRepository> {
  const { home } = placesOf(cache, id);
  const refs = await readRefs(join(home, 'refs'));
  const commits = (await readdir(join(home, 'snapshots')).catch(() => [])).filter(isCommit).sort();
  const revisions = await Promise.all(
    commits.map(async (commit) => ({
      commit,
      refs: refs.filter((ref) => ref.commit === commit).map(({ name }) => name),
      files: (await cachedFiles(join(home, 'snapshots', commit))).map(({ path }) => path),
    })),
  );
  return { id, bytes: await sizeOf(home), revisions };
}

async function readRefs(
  folder: string,
): Promise<readonly { readonly name: string; readonly commit: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return { name: path.slice(folder.length + 1), commit: (await readFile(path, 'utf8')).trim() };
      }),
  );
}

/** Bytes of the files in a folder; a link counts as nothing. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * Removes a repository from the cache, with its locks and what was made from it.
 * @returns the bytes that became free
 * @throws MaskloomError HUB_NOT_FOUND naming the nearest that is there
 */
export async function removeRepository(id: string, settings: HubSettings): Promise<number> {
  const all = await listCache(settings);
  const known = all.find((one) => one.id === id);
  if (known === undefined) {
    throw new MaskloomError('HUB_NOT_FOUND', `The cache has no repository ${id}.`, {
      where: settings.cache,
      hint: suggest(
        id,
        all.map((one) => one.id),
      ),
    });
  }
  const { home } = placesOf(settings.cache, id);
  await rm(join(settings.cache, '.locks', `models--${id.replace('/', '--')}`), {
    recursive: true,
    force: true,
  });
  await rm(home, { recursive: true, force: true });
  await removeMade(settings.madeFiles, id);
  return known.bytes;
}

/** One thing that is wrong with the cache. */
export interface CacheFinding {
  /** `owner/name`. */
  readonly id: string;
  /** Path in the snapshot. */
  readonly file: string;
  /** What is wrong. */
  readonly message: string;
}

/**
 * Reads files of the cache and compares them with the ETags that they are kept under.
 * @param ids - `owner/name` each; all when absent
 * @param onFile - told before each file is read
 * @returns what is wrong; empty when all is sound
 * @throws MaskloomError HUB_NOT_FOUND for a repository that is not in the cache
 */
export async function verifyCache(
  settings: HubSettings,
  ids?: readonly string[],
  onFile: (file: string) => void = () => undefined,
): Promise<readonly CacheFinding[]> {
  const all = await listCache(settings);
  const names = all.map((one) => one.id);
  for (const id of ids ?? []) {
    if (!names.includes(id)) {
      throw new MaskloomError('HUB_NOT_FOUND', `The cache has no repository ${id}.`, {
        where: settings.cache,
        hint: suggest(id, names),
      });
    }
  }
  const findings: CacheFinding[] = [];
  for (const { id, revisions } of all) {
    if (ids !== undefined && !ids.includes(id)) continue;
    for (const { commit } of revisions)
      findings.push(...(await verifySnapshot(settings, id, commit, onFile)));
  }
  return findings;
}

async function verifySnapshot(
  { cache }: HubSettings,
  id: string,
  commit: string,
  onFile: (file: string) => void,
): Promise<readonly CacheFinding[]> {
  const snapshot = placesOf(cache, id).snapshot(commit);
  const findings: CacheFinding[] = [];
  const entries = await readdir(snapshot, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const file = path.slice(snapshot.length + 1);
    onFile(`${id}: ${file}`);
    const found = await stat(path).catch(() => undefined);
    const etag = await blobName(path);
    if (found === undefined) findings.push({ id, file, message: 'its contents are gone' });
    else if (etag !== undefined && !(await matches(path, etag, found.size)))
      findings.push({ id, file, message: `its contents are not those of its ETag ${etag}` });
  }
  return findings;
}
