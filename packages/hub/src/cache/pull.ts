import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { listFiles, lookUp, type ListedFile, type RepositoryInfo } from '../client/look-up.js';
import { ProgressMeter, type Progress } from '../client/progress.js';
import type { Repository } from '../client/repository.js';
import type { HubSettings } from '../client/settings.js';
import { fetchFile } from './fetch-file.js';
import { checkedPath, placesOf } from './places.js';
import { readRef, writeRef } from './refs.js';
import { askForRoom } from './room.js';

/** A repository at a commit, opened for its files: over the network, or in the cache alone. */
export interface OpenRepository {
  readonly repository: Repository;
  readonly commit: string;
  /** The hub's word about it; `undefined` offline. */
  readonly info: RepositoryInfo | undefined;
  /** Its files; offline, those in the cache. */
  readonly files: readonly ListedFile[];
  /** The folder of the commit's files. */
  readonly snapshot: string;
  readonly settings: HubSettings;
}

/**
 * Finds out what a revision is and which files it has. Nothing is fetched.
 * @throws MaskloomError HUB_NOT_FOUND, HUB_ACCESS_DENIED, HUB_UNREACHABLE, HUB_OFFLINE, ABORTED
 */
export async function openRepository(
  repository: Repository,
  settings: HubSettings,
  signal?: AbortSignal,
): Promise<OpenRepository> {
  const { cache, offline } = settings;
  const { id } = repository;
  if (offline) {
    const commit = await readRef(cache, repository);
    const snapshot = placesOf(cache, id).snapshot(commit);
    return { repository, commit, info: undefined, files: await cachedFiles(snapshot), snapshot, settings };
  }
  const info = await lookUp(repository, settings, signal);
  const files = await listFiles(id, info.commit, settings, signal);
  for (const { path } of files) checkedPath(path);
  await writeRef(cache, repository, info.commit);
  const snapshot = placesOf(cache, id).snapshot(info.commit);
  return { repository, commit: info.commit, info, files, snapshot, settings };
}

/** How files are fetched. */
export interface PullOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told several times a second how far all is. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Brings files of a repository into the cache. Room on the disk is asked for first; files already there cost nothing.
 * @throws MaskloomError DISK_FULL, HUB_FILE_DAMAGED, HUB_NOT_FOUND, HUB_ACCESS_DENIED, HUB_UNREACHABLE, ABORTED
 */
export async function pullFiles(
  open: OpenRepository,
  files: readonly ListedFile[],
  options: PullOptions = {},
): Promise<void> {
  if (open.settings.offline) return;
  const { id } = open.repository;
  const places = placesOf(open.settings.cache, id);
  let missing = 0;
  for (const { path, size } of files) {
    const here = await stat(places.pointer(open.commit, path)).then(
      () => true,
      () => false,
    );
    if (!here) missing += size;
  }
  await askForRoom(open.settings.cache, missing);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const meter = new ProgressMeter(total, (progress) => options.onProgress?.(progress));
  for (const { path, size } of files) {
    const { settings, commit } = open;
    await fetchFile({ id, commit, file: path, size, settings, meter, signal: options.signal });
  }
}

/** The files of a snapshot that are whole, sorted. */
export async function cachedFiles(snapshot: string): Promise<readonly ListedFile[]> {
  const entries = await readdir(snapshot, { recursive: true, withFileTypes: true }).catch(() => []);
  const files: ListedFile[] = [];
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() !== true) continue;
    files.push({
      path: path
        .slice(snapshot.length + 1)
        .split(sep)
        .join('/'),
      size: found.size,
    });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
