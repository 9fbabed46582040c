import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { contentHash, type Job, type WorkerPlan } from '@maskloom/eval';
import type { Group } from '../protocol/messages.js';

/** A group with the place of its picture on this machine. */
export interface MadeGroup {
  readonly group: Group;
  readonly picture: string;
}

/**
 * A job as workers get it: with the hash of its picture, so that another picture of the same name is noticed.
 * @param withPicture - false where units look at no picture
 */
export async function makeGroup(
  job: Job,
  run: string,
  { heads }: WorkerPlan,
  withPicture: boolean,
): Promise<MadeGroup> {
  const { id, scene, units } = job as unknown as {
    readonly id: string;
    readonly scene: Group['scene'];
    readonly units: Group['units'];
  };
  const part = units[0]?.unit.part ?? '';
  const picture = join(heads[part]?.root ?? '', scene.image);
  const hash = withPicture ? await hashOf(picture) : undefined;
  return {
    group: {
      run,
      id: contentHash([run, id]),
      part,
      scene,
      units,
      ...(hash === undefined ? {} : { picture: hash }),
    },
    picture,
  };
}

async function hashOf(path: string): Promise<string | undefined> {
  try {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
