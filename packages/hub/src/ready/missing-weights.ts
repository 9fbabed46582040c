import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { openRepository, type OpenRepository } from '../cache/pull.js';
import { headOf } from '../client/head.js';
import { remoteRange } from '../client/read-range.js';
import { isRepository, readRepository } from '../client/repository.js';
import {
  readSafetensors,
  writeSafetensors,
  type NamedWeight,
  type ReadRange,
} from '../client/safetensors.js';

const WEIGHTS = 'model.safetensors';
type Weights = ReadonlyMap<string, NamedWeight>;

/**
 * Weights that the graphs of a ready-made repository leave out: from its own `model.safetensors`, else from that of the
 * repository that it was made from, by parts of the file. What was found is kept, so that the next time asks nobody.
 * @param from - `owner/name` of the original; that of the repository's card when absent
 * @returns the weights that were found, by name; none where no original has them
 * @throws MaskloomError HUB_UNREACHABLE, ABORTED, HUB_NOT_FOUND when an original was named and is not there
 */
export async function missingWeights(
  repository: OpenRepository,
  names: readonly string[],
  from: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Weights> {
  const { settings, commit } = repository;
  const key = createHash('sha256')
    .update(JSON.stringify([repository.repository.id, commit, from ?? '', names]))
    .digest('hex');
  const kept = join(settings.madeFiles, 'weights', `${key}.safetensors`);
  const known = await readFile(kept).catch(() => undefined);
  if (known !== undefined) return readSafetensors(inMemory(known), () => true, kept);
  const found = await search(repository, names, from, signal);
  if (found === undefined) return new Map();
  await mkdir(dirname(kept), { recursive: true });
  const beside = `${kept}.${process.pid}.tmp`;
  await writeFile(beside, writeSafetensors(found));
  await rename(beside, kept);
  return found;
}

async function search(
  repository: OpenRepository,
  names: readonly string[],
  from: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Weights | undefined> {
  const { settings, info } = repository;
  const own = from === undefined ? await weightsOf(repository, names, signal) : undefined;
  if (own !== undefined) return own;
  const base = from ?? info?.base;
  if (base === undefined || (from === undefined && !isRepository(base))) return undefined;
  try {
    return await weightsOf(await openRepository(readRepository(base), settings, signal), names, signal);
  } catch (error) {
    // A card may name anything; a named original has to be there.
    const absent =
      MaskloomError.is(error) && ['HUB_NOT_FOUND', 'HUB_ACCESS_DENIED', 'HUB_OFFLINE'].includes(error.code);
    if (from !== undefined || !absent) throw error;
    return undefined;
  }
}

/** A repository's own weights; `undefined` where it has none of these. */
async function weightsOf(
  { repository: { id }, commit, files, snapshot, settings }: OpenRepository,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Weights | undefined> {
  if (!files.some(({ path }) => path === WEIGHTS)) return undefined;
  const here = join(snapshot, WEIGHTS);
  const isHere = await stat(here).then(
    () => true,
    () => false,
  );
  const where = `${id}: ${WEIGHTS}`;
  const wanted = (name: string): boolean => names.includes(name);
  if (isHere) return some(await readSafetensors(inFile(here), wanted, where));
  if (settings.offline) return undefined;
  const asked = { id, revision: commit, file: WEIGHTS };
  await headOf(asked, settings, signal);
  return some(await readSafetensors(remoteRange(asked, settings, signal), wanted, where));
}

function some(weights: Weights): Weights | undefined {
  return weights.size === 0 ? undefined : weights;
}

function inMemory(bytes: Uint8Array): ReadRange {
  return async (start, end) => bytes.subarray(start, end);
}

function inFile(path: string): ReadRange {
  return async (start, end) => {
    const file = await open(path, 'r');
    try {
      const bytes = Buffer.alloc(end - start);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  };
}
