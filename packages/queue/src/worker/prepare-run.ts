import { MaskloomError } from '@maskloom/core';
import { subjectHash, type Subject, type WorkerPlan } from '@maskloom/eval';
import { bundleDigest } from '../protocol/bundle-digest.js';
import type { QueuedRun } from '../protocol/messages.js';
import type { Sealer } from '../protocol/seal.js';
import { fetchBundle } from './fetch-bundle.js';
import type { QueueWorkerOptions } from './options.js';

/** A run as this machine can work on it. */
export interface PreparedRun {
  /** The plan with this machine's bundles, plugins and device. */
  readonly plan: WorkerPlan;
  /** Hash of each subject as it is here; `undefined` where it cannot be run. */
  readonly subjects: readonly (string | undefined)[];
}

/**
 * Finds everything that a run needs, and compares it with what the run has.
 * @throws MaskloomError `QUEUE_REFUSED` naming what differs
 */
export async function prepareRun(
  run: QueuedRun,
  { host, device, sealer, signal }: QueueWorkerOptions & { readonly sealer: Sealer },
): Promise<PreparedRun> {
  if (host.code !== run.code)
    throw refused(
      `this is ${host.code}, the run needs ${run.code}`,
      'Install the version that the coordinator has.',
    );
  const bundles: string[] = [];
  const here = await digests(await host.bundles());
  for (const { name, sha256 } of run.bundles) {
    const found = here.get(sha256) ?? (await fetchBundle(sha256, run, { cache: host.cache, sealer, signal }));
    if (found === undefined)
      throw refused(
        `there is no bundle '${name}' with the run's weights (${sha256.slice(0, 12)}) here`,
        'Give its folder to --bundle, or have the coordinator give it away: --serve HOST:PORT.',
      );
    bundles.push(found);
  }
  const subjects: (string | undefined)[] = [];
  for (const [i, told] of run.plan.subjects.entries()) {
    const wanted = run.subjects[i];
    if (wanted === null || wanted === undefined) {
      subjects.push(undefined);
      continue;
    }
    const { recipe, overrides } = told as unknown as Subject;
    const own = await host.resolve(recipe, overrides, bundles);
    if (subjectHash(own) !== wanted) throw refused(difference(told as unknown as Subject, own), '');
    subjects.push(wanted);
  }
  return {
    plan: {
      ...(run.plan as unknown as WorkerPlan),
      bundles,
      plugins: host.plugins,
      ...(device === undefined ? {} : { device }),
    },
    subjects,
  };
}

async function digests(folders: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    const digest = await bundleDigest(folder);
    if (digest !== undefined && !found.has(digest)) found.set(digest, folder);
  }
  return found;
}

/** What of a recipe is not here as it is in the run. */
function difference(wanted: Subject, own: Subject): string {
  const { recipe } = wanted;
  if (own.missing !== undefined) return `${recipe}: ${own.missing}`;
  if (wanted.code !== own.code) return `${recipe}: its plugins are of another version`;
  for (const [role, hash] of Object.entries(wanted.weights?.models ?? {})) {
    const mine = own.weights?.models[role] ?? 'none';
    if (mine !== hash)
      return `${recipe}: the weights of '${role}' are ${mine.slice(0, 8)}, the run has ${hash.slice(0, 8)}`;
  }
  return `${recipe}: its presets or tokenizer differ`;
}

function refused(why: string, hint: string): MaskloomError {
  return new MaskloomError('QUEUE_REFUSED', `This worker cannot work on the run: ${why}.`, {
    where: 'worker',
    ...(hint === '' ? {} : { hint }),
  });
}
