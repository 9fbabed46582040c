import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MaskloomError, placeFile, removeAbandoned } from '@maskloom/core';
import { refuseNewer } from './refuse-newer.js';
import { RUN_SCHEMA, RUN_VERSION, type RunPlan } from './run-plan.js';

/** Where things are in a run's folder. */
export interface RunPaths {
  /** File of the plan, JSON. */
  readonly plan: string;
  /** File of the results, one line per unit. */
  readonly ledger: string;
  /**
   * Stored scenes, without the endings `.jsonl` and `.json`.
   * @param part - name of a part; what file names cannot hold becomes `_`
   */
  scenes(part: string): string;
  /** Folder of generated images. */
  readonly data: string;
  /** Folder of filled tables. */
  readonly tables: string;
  /** Folder of the report's pages. */
  readonly report: string;
}

/** The paths of a run's folder; nothing is made or looked up. */
export const runPaths = (folder: string): RunPaths => ({
  plan: join(folder, 'run.json'),
  ledger: join(folder, 'ledger.jsonl'),
  scenes: (part: string) => join(folder, 'scenes', part.replaceAll(/[^a-z0-9-]+/gi, '_')),
  data: join(folder, 'data'),
  tables: join(folder, 'tables'),
  report: join(folder, 'report'),
});

/**
 * Makes a run's folder, or finds that it is one.
 * @throws MaskloomError `OUTPUT_UNWRITABLE` when it cannot be made or holds something else, `RUN_INVALID` when a later version
 * wrote it
 */
export function prepareRunFolder(folder: string): void {
  try {
    const { plan, scenes } = runPaths(folder);
    removeAbandoned(folder);
    removeAbandoned(join(scenes('x'), '..'));
    const taken = existsSync(folder) && readdirSync(folder).some((name) => !name.startsWith('run.lock'));
    if (taken && !existsSync(plan)) throw new Error('it holds files that no run wrote');
    mkdirSync(join(scenes('x'), '..'), { recursive: true });
    refuseNewer(schemaOf(plan), 'maskloom.run/', RUN_VERSION, plan);
  } catch (cause) {
    if (MaskloomError.is(cause)) throw cause;
    throw new MaskloomError(
      'OUTPUT_UNWRITABLE',
      `The run cannot be kept there: ${(cause as Error).message}.`,
      {
        where: folder,
        hint: 'Give a new folder to --out, or the folder of an earlier run to go on with it.',
        cause,
      },
    );
  }
}

/** What an earlier plan says of its form; nothing when there is none that can be read. */
function schemaOf(plan: string): unknown {
  try {
    return (JSON.parse(readFileSync(plan, 'utf8')) as { readonly schema?: unknown }).schema;
  } catch {
    return undefined;
  }
}

/**
 * Writes a file of a run, beside its place first.
 * @throws MaskloomError `OUTPUT_UNWRITABLE`
 */
export function writeWhole(path: string, text: string | Uint8Array): void {
  try {
    mkdirSync(join(path, '..'), { recursive: true });
    placeFile(path, text);
  } catch (cause) {
    throw new MaskloomError('OUTPUT_UNWRITABLE', `The file cannot be written: ${(cause as Error).message}.`, {
      where: path,
      hint: 'Make room, then run the same command again: finished units are kept.',
      cause,
    });
  }
}

/**
 * The plan of a run.
 * @throws MaskloomError `RUN_INVALID` when the folder is no run, or one of another version
 */
export function readPlan(folder: string): RunPlan {
  const { plan } = runPaths(folder);
  const invalid = (why: string, cause?: unknown): MaskloomError =>
    new MaskloomError('RUN_INVALID', `The folder is not a run: ${why}.`, {
      where: plan,
      hint: 'Name a folder that `maskloom ablate` or `maskloom eval --out` wrote.',
      ...(cause === undefined ? {} : { cause }),
    });
  let value: RunPlan;
  try {
    value = JSON.parse(readFileSync(plan, 'utf8')) as RunPlan;
  } catch (cause) {
    throw invalid(existsSync(plan) ? 'its plan is not JSON' : 'it has no run.json', cause);
  }
  refuseNewer(value.schema, 'maskloom.run/', RUN_VERSION, plan);
  if (value.schema !== RUN_SCHEMA) throw invalid(`its plan says '${String(value.schema)}'`);
  return value;
}
