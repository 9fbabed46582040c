import { basename } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { contentHash, subjectHash, type DispatchOptions } from '@maskloom/eval';
import { bundleDigest } from '../protocol/bundle-digest.js';
import type { QueuedRun } from '../protocol/messages.js';
import type { CoordinatorOptions } from './options.js';

const STALLS = 3;

/** A run as workers open it, and the folders of its bundles by their digests. */
export interface DescribedRun {
  readonly queued: QueuedRun;
  readonly folders: ReadonlyMap<string, string>;
}

/**
 * Describes a run to workers. The same plan in the same folder has the same id at every start.
 * @throws MaskloomError `BUNDLE_NOT_FOUND`
 */
export async function describeRun(
  { code, stalls = STALLS, unitTimeoutMs }: CoordinatorOptions,
  { plan, folder }: DispatchOptions,
): Promise<DescribedRun> {
  const bundles: QueuedRun['bundles'] = [];
  const folders = new Map<string, string>();
  for (const root of plan.bundles) {
    const sha256 = await bundleDigest(root);
    if (sha256 === undefined)
      throw new MaskloomError('BUNDLE_NOT_FOUND', 'The bundle has no readable bundle.json.', { where: root });
    bundles.push({ name: basename(root), sha256 });
    folders.set(sha256, root);
  }
  // Where plugins and bundles lie here says nothing to workers.
  const { device, switches, subjects, heads, concurrency, maxPixels } = plan;
  const told = {
    device,
    switches,
    subjects,
    heads,
    concurrency,
    ...(maxPixels === undefined ? {} : { maxPixels }),
  };
  return {
    queued: {
      id: contentHash([folder, code, told, bundles]),
      code,
      plan: told as unknown as QueuedRun['plan'],
      bundles,
      subjects: subjects.map((subject) => (subject.missing === undefined ? subjectHash(subject) : null)),
      stalls,
      ...(unitTimeoutMs === undefined ? {} : { unitTimeoutMs }),
    },
    folders,
  };
}
