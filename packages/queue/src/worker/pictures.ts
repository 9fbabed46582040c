import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MaskloomError } from '@maskloom/core';
import type { Group, QueuedRun } from '../protocol/messages.js';
import type { Sealer } from '../protocol/seal.js';
import { fetchInto } from './fetch.js';

/** A picture that lies on this machine. */
export interface HerePicture extends AsyncDisposable {
  /** The group's scene, its picture's path as this machine has it, below the same root. */
  readonly scene: Group['scene'];
  /** Text of this machine's as it would be on the coordinator's: paths in reasons of failures. */
  readonly translate: (text: string) => string;
}

/** What brings pictures. */
export interface PictureSource {
  readonly run: QueuedRun;
  readonly sealer: Sealer;
  readonly signal: AbortSignal;
  /** Look at no path that the coordinator names. */
  readonly fetch: boolean;
  /** Folder for pictures from the coordinator, this run's own. */
  readonly folder: string;
}

/**
 * The picture of a group: at the same path as on the coordinator's machine where the same file is there, else from the
 * coordinator.
 * @throws MaskloomError `QUEUE_REFUSED` when it is neither here nor given away, or another; Gone when the group is settled
 */
export async function bringPicture(
  group: Group,
  { run, folder, fetch, ...ask }: PictureSource,
): Promise<HerePicture> {
  const { scene, picture, part, id } = group;
  const root = run.plan.heads[part]?.root ?? '';
  const path = join(root, scene.image);
  const asIs = { scene, translate: (text: string) => text, [Symbol.asyncDispose]: async () => undefined };
  // Not even the coordinator can read it: the unit fails as it would there.
  if (picture === undefined) return asIs;
  const shared = fetch ? undefined : await sha256Of(path);
  if (shared === picture) return asIs;
  if (run.http === undefined)
    throw new MaskloomError(
      'QUEUE_REFUSED',
      shared === undefined
        ? 'A picture of the run is not on this machine.'
        : 'A picture is not the one of the run.',
      {
        where: path,
        hint: 'Share the folder under the same path, or have the coordinator give pictures away: --serve HOST:PORT.',
      },
    );
  await mkdir(folder, { recursive: true });
  const place = join(folder, `${id}${extname(scene.image).slice(0, 10)}`);
  await fetchInto(place, `/pictures/${id}`, picture, { ...ask, http: run.http });
  return {
    scene: { ...scene, image: relative(root, place) },
    translate: (text) => text.replaceAll(place, path),
    [Symbol.asyncDispose]: () => rm(place, { force: true }),
  };
}

async function sha256Of(path: string): Promise<string | undefined> {
  try {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
