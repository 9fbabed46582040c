import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { z } from 'zod';
import { checkCaptions, checkInstances, checkPanoptic, checkReason, checkRefs } from './check-parts.js';
import { readCocoInstances, type CocoInstances } from '../coco/coco.js';
import { Findings, type CheckOptions, type DataProblem } from './findings.js';
import { validate } from '../files/validate.js';

/** What a check found. */
export interface DatasetReport {
  /** True when nothing is wrong. */
  readonly ok: boolean;
  /** How many of each kind were checked; only the kinds that the folder has. */
  readonly counts: Readonly<Record<string, number>>;
  /** What is wrong; at most `limit`. */
  readonly problems: readonly DataProblem[];
}

const synthSchema = z.object({
  schema: z.literal('maskloom.synth/1'),
  seed: z.number().int().nonnegative(),
  count: z.number().int().positive(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  vocabulary: z.object({
    shapes: z.array(z.string()),
    colours: z.array(z.string()),
    stuff: z.array(z.string()),
  }),
});

/**
 * Checks a data folder in the layout of the synthetic world, or any part of it: every record's form, every reference
 * between files, every picture's size, every mask against its area, box and the panoptic picture, every false premise,
 * every reasoning outline against its mask.
 * @param folder - holds at least one of `annotations/`, `refer/`, `fp/`, `reason/`
 * @throws MaskloomError `DATA_NOT_FOUND` when the folder holds none of them; `ABORTED`
 */
export async function checkDataset(folder: string, options: CheckOptions = {}): Promise<DatasetReport> {
  const at = (path: string): string => join(folder, path);
  const parts = [
    'annotations/instances.json',
    'annotations/panoptic.json',
    'refer/refs.json',
    'fp/refs.json',
    'reason',
    'synth.json',
  ];
  if (!parts.some((part) => existsSync(at(part)))) {
    throw new MaskloomError('DATA_NOT_FOUND', 'There is no data set in this folder.', {
      where: folder,
      hint: `Expected at least one of ${parts.join(', ')}; \`maskloom data synth\` writes them all.`,
    });
  }
  const findings = new Findings(options);
  const synth = existsSync(at('synth.json'))
    ? await findings.attempt(() => readSynth(at('synth.json')))
    : undefined;
  let things: CocoInstances | undefined;
  if (existsSync(at('annotations/instances.json'))) {
    things = await findings.attempt(() => readCocoInstances(at('annotations/instances.json')));
    if (things && synth && things.images.size !== synth.count) {
      findings.problem(
        at('synth.json: count'),
        `${synth.count} scenes are announced, ${things.images.size} are there`,
      );
    }
  }
  if (existsSync(at('annotations/panoptic.json')))
    await checkPanoptic(at('annotations/panoptic.json'), at('panoptic'), things, findings);
  const all = existsSync(at('refer/instances.json'))
    ? await findings.attempt(() => readCocoInstances(at('refer/instances.json')))
    : things;
  if (all) await checkInstances(all, at('images'), findings);
  for (const kind of ['refer', 'fp']) {
    if (existsSync(at(`${kind}/refs.json`)) && all) await checkRefs(at(`${kind}/refs.json`), all, findings);
  }
  if (existsSync(at('reason'))) {
    for (const split of (await readdir(at('reason'))).sort())
      await checkReason(at(`reason/${split}`), all, findings);
  }
  if (existsSync(at('captions.json'))) await checkCaptions(at('captions.json'), things, findings);
  return { ok: findings.problems.length === 0, counts: findings.counts, problems: findings.problems };
}

async function readSynth(file: string): Promise<z.output<typeof synthSchema>> {
  const text = await readFile(file, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MaskloomError('DATA_INVALID', 'The file is not JSON.', { where: file, cause });
  }
  return validate(synthSchema, value, file, 'synth');
}
