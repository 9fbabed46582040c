import { MaskloomError, throwIfAborted } from '@maskloom/core';
import { Ledger, type LedgerFile, type UnitFailure } from '../ledger/ledger.js';
import { lockRun } from '../ledger/run-lock.js';
import type { Json } from '../ledger/line.js';
import type { Job } from './messages.js';
import { asFailure } from './failure.js';
import { prepareRunFolder, runPaths, writeWhole } from './run-folder.js';
import type { Dispatch } from './dispatch.js';
import { runJobs } from './run-jobs.js';
import type { RunPlan, Subject, WorkerPlan } from './run-plan.js';
import { RunUnits, type SceneUnit } from './run-units.js';
import type { SceneRemarks, SceneSet } from './scenes/scene.js';
import { openSceneStore, type SceneStore } from './scenes/scene-store.js';

/** How far a run is. */
export interface RunProgress {
  /** Units with an outcome, those of earlier starts included. */
  readonly done: number;
  /** Units with an outcome since this start. */
  readonly now: number;
  /** All units. */
  readonly total: number;
  /** Units that failed since this start. */
  readonly failed: number;
}

/** A unit without a result. */
export interface FailedUnit extends UnitFailure {
  /** Name of the part that the scene is in. */
  readonly part: string;
  /** Name of the protocol that asked. */
  readonly protocol: string;
  /** `system/name`. */
  readonly recipe: string;
  /** The image's id. */
  readonly image: string;
  /** The image as a reader finds it: the name of its file, and its id. */
  readonly name: string;
}

/** How a run is executed. */
export interface ExecuteOptions {
  /** The run's folder; made when it is not there. */
  readonly folder: string;
  /** What to compute; written into the folder. */
  readonly plan: RunPlan;
  /**
   * Reads the scenes of a part; not called when an earlier start has stored them.
   * @param scratch - a path that files may be made at meanwhile
   */
  readonly openPart: (part: string, scratch: string) => Promise<SceneSet>;
  /** What says that a part is the same as at an earlier start, JSON-safe. */
  readonly partIdentity: (part: string) => unknown;
  /** The module that worker processes start with: it calls `serveUnits`. */
  readonly worker: string | URL;
  /** Has the jobs done elsewhere; worker processes of this machine do them when absent. */
  readonly dispatch?: Dispatch;
  /** More environment variables for workers. */
  readonly env?: Readonly<Record<string, string>>;
  /** Processes, at least 1. */
  readonly workers: number;
  /** Questions to a pipeline at a time; 1 when absent: other processes use the other cores. */
  readonly concurrency?: number;
  /** A unit that takes longer fails; 10 minutes when absent. */
  readonly unitTimeoutMs?: number;
  /** Largest width * height of a picture that is read; 100,000,000 when absent. */
  readonly maxPixels?: number;
  /** Takes the run from a process on another machine, which the caller knows to be gone; false when absent. */
  readonly takeOver?: boolean;
  /** Ends the run with `ABORTED`; units that have an outcome are kept. */
  readonly signal: AbortSignal;
  /** Called once before the first unit and after each outcome. */
  readonly onProgress?: (progress: RunProgress) => void;
  /** Replaces the ledger's file operations, in tests. */
  readonly ledgerFile?: LedgerFile;
}

/** How a run ended. */
export interface RunOutcome {
  /** Units with a result, those of earlier starts included. */
  readonly done: number;
  /** All units of the plan. */
  readonly total: number;
  /** In the order of the plan. */
  readonly failures: readonly FailedUnit[];
  /** What was noticed while each part's data were read, by name of the part. */
  readonly remarks: Readonly<Record<string, SceneRemarks>>;
  /** Lines of the ledger that were torn or damaged, their units computed anew. */
  readonly dropped: number;
}

/**
 * Brings a run to its end: computes every unit that its ledger does not have. May be killed at any instant and called again
 * with the same plan; a changed plan keeps what still fits.
 * @throws MaskloomError `RUN_BUSY`, `OUTPUT_UNWRITABLE`, `ABORTED`, `WORKER_CRASHED`, and what reading the data or opening
 * the bundles throws. A unit's own failure is part of the outcome.
 */
export async function executeRun(options: ExecuteOptions): Promise<RunOutcome> {
  const { folder, plan, signal } = options;
  prepareRunFolder(folder);
  using _lock = lockRun(folder, options.takeOver);
  const paths = runPaths(folder);
  writeWhole(paths.plan, `${JSON.stringify(plan, undefined, 1)}\n`);
  using stores = await openStores(options);
  using ledger = new Ledger(paths.ledger, ...(options.ledgerFile === undefined ? [] : [options.ledgerFile]));
  const units = new RunUnits(plan, stores.byPart);
  const progress = { done: 0, now: 0, total: 0, failed: 0 };
  for (const part of units.parts) {
    for (let i = 0; i < (units.store(part)?.count ?? 0); i++) {
      for (const { key } of units.ofScene(part, i)) {
        progress.total++;
        if (ledger.has(key)) progress.done++;
      }
      // Thousands of scenes: let a signal in now and then.
      if (i % 256 === 255) await new Promise((resolve) => setImmediate(resolve));
      throwIfAborted(signal, 'evaluation run');
    }
  }
  options.onProgress?.({ ...progress });
  // Kept here as well: where the disk is full the ledger cannot take them.
  const unwritten = new Map<string, UnitFailure>();
  if (progress.done < progress.total) {
    const given = workerPlan(plan, stores.byPart, options);
    const local: Dispatch = (jobs, { plan: opened, onUnit }) =>
      runJobs(jobs, {
        entry: options.worker,
        plan: opened as unknown as Json,
        workers: options.workers,
        signal,
        onUnit,
        ...(options.env === undefined ? {} : { env: options.env }),
        ...(options.unitTimeoutMs === undefined ? {} : { unitTimeoutMs: options.unitTimeoutMs }),
      });
    await (options.dispatch ?? local)(
      jobsOf(units, (unit) => !ledger.has(unit.key)),
      {
        folder,
        plan: given,
        waiting: progress.total - progress.done,
        signal,
        onUnit: (key, outcome, by) => {
          progress.done++;
          progress.now++;
          let failed = 'error' in outcome;
          try {
            ledger.append({ key, ...outcome, ...(by === undefined ? {} : { by }) });
          } catch (error) {
            failed = true;
            unwritten.set(key, 'error' in outcome ? outcome.error : asFailure(error));
          }
          if (failed) progress.failed++;
          options.onProgress?.({ ...progress });
        },
      },
    );
  }
  const failures = listFailures(units, plan, ledger, unwritten);
  return {
    done: progress.total - failures.length,
    total: progress.total,
    failures,
    remarks: remarksOf(stores.byPart),
    dropped: ledger.dropped,
  };
}

/** What is left to do, scene by scene. */
function* jobsOf(units: RunUnits, wanted: (unit: SceneUnit) => boolean): Generator<Job> {
  for (const part of units.parts) {
    const store = units.store(part) as SceneStore;
    for (let i = 0; i < store.count; i++) {
      const left = units.ofScene(part, i).filter(wanted);
      if (left.length > 0)
        yield {
          id: `${part}/${i}`,
          scene: store.read(i) as unknown as Json,
          units: left.map(({ key, unit }) => ({ key, unit })),
        };
    }
  }
}

function workerPlan(
  { device, bundles, plugins, switches, subjects }: RunPlan,
  stores: ReadonlyMap<string, SceneStore>,
  { concurrency = 1, maxPixels }: Pick<ExecuteOptions, 'concurrency' | 'maxPixels'>,
): WorkerPlan {
  const heads = Object.fromEntries([...stores].map(([part, { head }]) => [part, head]));
  return {
    device,
    bundles,
    switches,
    subjects,
    heads,
    concurrency,
    ...(plugins === undefined ? {} : { plugins }),
    ...(maxPixels === undefined ? {} : { maxPixels }),
  };
}

function listFailures(
  units: RunUnits,
  { subjects }: RunPlan,
  ledger: Ledger,
  unwritten: ReadonlyMap<string, UnitFailure>,
): readonly FailedUnit[] {
  const failed = new Set(ledger.failed());
  if (failed.size === 0 && unwritten.size === 0) return [];
  const found: FailedUnit[] = [];
  for (const part of units.parts) {
    const store = units.store(part) as SceneStore;
    for (let i = 0; i < store.count; i++) {
      for (const { key, subject, protocol } of units.ofScene(part, i)) {
        const error = unwritten.get(key) ?? (failed.has(key) ? ledger.read(key)?.error : undefined);
        if (error === undefined) continue;
        const { recipe } = subjects[subject] as Subject;
        found.push({
          part,
          protocol,
          recipe,
          image: String(units.idOf(part, i)),
          name: units.nameOf(part, i),
          ...error,
        });
      }
    }
  }
  return found;
}

/** What was noticed while the data were read, of each part that has remarks. */
export function remarksOf(stores: ReadonlyMap<string, SceneStore>): Readonly<Record<string, SceneRemarks>> {
  return Object.fromEntries(
    [...stores].flatMap(([part, { remarks }]) => (remarks === undefined ? [] : [[part, remarks]])),
  );
}

interface OpenStores extends Disposable {
  readonly byPart: ReadonlyMap<string, SceneStore>;
}

/** Opens the scenes of every part that the plan has; on failure those opened are closed. */
export async function openStores(
  options: Pick<ExecuteOptions, 'folder' | 'plan' | 'openPart' | 'partIdentity' | 'signal'>,
): Promise<OpenStores> {
  const { folder, plan, openPart, partIdentity, signal } = options;
  const byPart = new Map<string, SceneStore>();
  const close = (): void => {
    for (const store of byPart.values()) store[Symbol.dispose]();
  };
  try {
    for (const { name, missing } of plan.parts) {
      if (missing !== undefined) continue;
      const path = runPaths(folder).scenes(name);
      byPart.set(
        name,
        await openSceneStore(path, partIdentity(name), () => openPart(name, `${path}.scratch`), signal),
      );
    }
  } catch (error) {
    close();
    throw error;
  }
  return { byPart, [Symbol.dispose]: close };
}

/** Refuses to read a data set: for runs that only show what is stored. */
export async function noData(part: string): Promise<never> {
  throw new MaskloomError('RUN_INVALID', `The scenes of '${part}' are not in the run's folder.`, {
    where: part,
    hint: 'Run the command of the run again.',
  });
}
