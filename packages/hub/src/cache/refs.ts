import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { MaskloomError } from '@maskloom/core';
import { isCommit, type Repository } from '../client/repository.js';
import { placesOf } from './places.js';

/** The text of the CACHEDIR.TAG standard (bford.info/cachedir), which tells backup programs to leave the folder out. */
const TAG =
  'Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of files from a model hub.\n';

/** Writes a small file whole or not at all. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await writeFile(beside, text);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Records which commit a branch or tag stood for when it was last asked for. */
export async function writeRef(cache: string, { id, revision }: Repository, commit: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  await writeFile(join(cache, 'CACHEDIR.TAG'), TAG, { flag: 'wx' }).catch(() => undefined);
  if (revision === commit) return;
  const path = placesOf(cache, id).ref(revision);
  const known = await readFile(path, 'utf8').catch(() => '');
  if (known !== commit) await writeWhole(path, commit);
}

/**
 * The commit that the cache knows for a revision.
 * @throws MaskloomError HUB_OFFLINE when it knows none
 */
export async function readRef(cache: string, { id, revision }: Repository): Promise<string> {
  if (isCommit(revision)) return revision;
  const text = await readFile(placesOf(cache, id).ref(revision), 'utf8').catch(() => '');
  if (isCommit(text.trim())) return text.trim();
  throw new MaskloomError(
    'HUB_OFFLINE',
    `${id} at ${revision} was never fetched, and the hub is not asked (HF_HUB_OFFLINE).`,
    {
      where: cache,
      hint: `Fetch it first, while connected: maskloom hub pull ${id}`,
    },
  );
}
