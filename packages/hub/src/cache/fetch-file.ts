import { copyFile, lstat, mkdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, relative } from 'node:path';
import { fileState, HashMemory } from '@maskloom/runtime';
import { headOf } from '../client/head.js';
import type { ProgressMeter } from '../client/progress.js';
import type { HubSettings } from '../client/settings.js';
import { fetchBlob } from './fetch-blob.js';
import { withLock } from './lock.js';
import { placesOf, type Places } from './places.js';

/** A file of a commit to be brought into the cache. */
export interface FileJob {
  /** `owner/name`. */
  readonly id: string;
  readonly commit: string;
  /** Path in the repository. */
  readonly file: string;
  /** Bytes, as the listing said. */
  readonly size: number;
  readonly settings: HubSettings;
  readonly meter: ProgressMeter;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Brings a file into the cache, unless it is there: its contents under their ETag, and a link from its path.
 * @returns the path in the snapshot
 * @throws MaskloomError those of {@link headOf} and {@link fetchBlob}
 */
export async function fetchFile(job: FileJob): Promise<string> {
  const { id, commit, file, size, settings, meter, signal } = job;
  const places = placesOf(settings.cache, id);
  const pointer = places.pointer(commit, file);
  if (await exists(pointer)) {
    meter.present(size, file);
    return pointer;
  }
  const head = await headOf({ id, revision: commit, file }, settings, signal);
  const [blob, partial] = [places.blob(head.etag), places.partial(head.etag)];
  await withLock(
    places.lock(head.etag),
    signal,
    () => meter.waits(file),
    async () => {
      if (await exists(blob)) meter.present(head.size, file);
      else await fetchBlob({ id, file, head, blob, partial, settings, meter, signal });
      await point(places, pointer, blob, settings);
      await remember(pointer, head.etag, settings);
    },
  );
  return pointer;
}

/** What was hashed on arrival is not hashed again when a model is opened. */
async function remember(path: string, etag: string, settings: HubSettings): Promise<void> {
  if (!/^[0-9a-f]{64}$/.test(etag)) return;
  await new HashMemory(settings.madeFiles).learn(await fileState(path), etag);
}

/** Where a blob cannot be linked to, the snapshot gets the file itself, as Python's library does it. */
async function point(places: Places, pointer: string, blob: string, settings: HubSettings): Promise<void> {
  await mkdir(dirname(pointer), { recursive: true });
  const target = relative(dirname(pointer), blob);
  const beside = `${places.home}.${randomUUID().slice(0, 8)}.tmp`;
  if (settings.symlinks) {
    try {
      await symlink(target, beside);
      await rename(beside, pointer);
      return;
    } catch (error) {
      await rm(beside, { force: true });
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EPERM' && code !== 'ENOSYS' && code !== 'EOPNOTSUPP') throw error;
    }
  }
  await copyFile(blob, beside);
  await rename(beside, pointer);
  await rm(blob, { force: true });
}

/** False too for a link to a blob that is gone. */
async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The name of the blob that a path of a snapshot stands for; `undefined` where it is a file of its own. */
export async function blobName(pointer: string): Promise<string | undefined> {
  const found = await lstat(pointer);
  return found.isSymbolicLink() ? (await readlink(pointer)).split(/[\\/]/).at(-1) : undefined;
}
