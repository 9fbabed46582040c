import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MaskloomError, type DeviceChoice } from '@maskloom/core';
import {
  DEFAULT_SWITCHES,
  executeRun,
  type Ablation,
  type Dispatch,
  type EvalSwitches,
  type RunOutcome,
  type RunPlan,
  type RunProgress,
  type Table,
  type MapperOverride,
  withMapper,
} from '@maskloom/eval';
import { openWorkspace, type Workspace } from '../config/workspace.js';
import { planRun } from './plan-run.js';
import { ROWS_PACKAGE, rowsBundle } from '../bundles/find-bundle.js';
import { openBundles, runBundles, unseenClasses } from './run-bundles.js';
import { runData, type DataOptions } from './run-data.js';
import { writeRunTables } from './write-tables.js';
import { given } from '../given.js';

/** How tables are run. */
export interface RunTablesOptions extends DataOptions {
  /** The tables to fill, at least one; a unit that several need is computed once. */
  readonly tables: readonly Ablation[];
  /** The run's folder: new, or that of an earlier start. */
  readonly out: string;
  /**
   * Bundles by name or folder, the first that has a recipe's weights gives them. When absent: the ablation rows' where they
   * are installed, then the embedded ones.
   */
  readonly bundles?: readonly string[];
  /** Where models run; `auto` when absent. */
  readonly device?: DeviceChoice;
  /** Processes; 1 when absent. */
  readonly workers?: number;
  /** Has the units done elsewhere, e.g. what `queueDispatch` of `@maskloom/queue` gives; `workers` then says nothing. */
  readonly dispatch?: Dispatch;
  /** What maps names that a system writes to classes, in every table; names count exactly as they are called when absent. */
  readonly mapper?: MapperOverride;
  /** Changes of how figures are counted; exact arithmetic when absent. */
  readonly switches?: Partial<EvalSwitches>;
  /** Modules that export plugins: packages, or paths relative to the working folder. Worker processes load them too. */
  readonly plugins?: readonly string[];
  /** A configuration file that names plugins; none when absent. */
  readonly config?: string;
  /** A workspace that is open already, in place of `plugins` and `config`. */
  readonly workspace?: Workspace;
  /** The command as shown under the tables. */
  readonly command: string;
  /** Takes the run from a process on another machine, which the caller knows to be gone; false when absent. */
  readonly takeOver?: boolean;
  /** Longest time for one unit in milliseconds. */
  readonly unitTimeoutMs?: number;
  /** Takes what the user should know before the first unit: rows without weights, and what would bring them. */
  readonly onNote?: (note: string) => void;
  /** Called once before the first unit and after each unit's outcome. */
  readonly onUnits?: (progress: RunProgress) => void;
}

/** What a run of tables gives. */
export interface RunTablesResult extends RunOutcome {
  /** Filled with everything that the run's folder has, in the order asked for. */
  readonly tables: readonly Table[];
  /** Files written, in the run's folder. */
  readonly files: readonly string[];
}

/**
 * Runs every unit that some tables need and are not in the run's folder yet, then writes the tables.
 * @throws MaskloomError as `executeRun`, BUNDLE_*, DATA_*
 */
export async function runTables(options: RunTablesOptions): Promise<RunTablesResult> {
  const { out, signal, device = 'auto', workers = 1, mapper } = options;
  const tables = mapper === undefined ? options.tables : options.tables.map((one) => withMapper(one, mapper));
  if (tables.length === 0)
    throw new MaskloomError('OPTION_INVALID', 'No table was named.', { where: 'ablate' });
  const workspace = await runWorkspace(options);
  const bundles = await openBundles(runBundles(options.bundles), signal);
  const data = await runData(tables, out, { ...options, unseen: unseenClasses(bundles) });
  const plan = planRun({
    tables,
    world: data.world,
    parts: data.parts,
    bundles,
    device,
    switches: { ...DEFAULT_SWITCHES, ...options.switches },
    workspace,
    command: options.command,
  });
  const offer = options.bundles === undefined ? offerOfRows(plan) : undefined;
  if (offer !== undefined) options.onNote?.(offer);
  const folder = resolve(out);
  const outcome = await executeRun({
    folder,
    plan,
    openPart: data.open,
    partIdentity: data.identity,
    worker: fileURLToPath(new URL('./unit-worker.js', import.meta.url)),
    workers,
    signal,
    takeOver: options.takeOver ?? false,
    ...given({
      dispatch: options.dispatch,
      maxPixels: options.maxPixels,
      unitTimeoutMs: options.unitTimeoutMs,
      onProgress: options.onUnits,
    }),
  });
  return { ...outcome, ...(await writeRunTables(folder)) };
}

/** What to say when rows have no weights here and the package with the tables' rows is not installed. */
function offerOfRows({ subjects }: RunPlan): string | undefined {
  const without = subjects.filter(({ missing }) => missing !== undefined).length;
  if (without === 0 || rowsBundle() !== undefined) return undefined;
  return (
    `${without} of ${subjects.length} rows have no weights here. \`npm install ${ROWS_PACKAGE}\` brings those of the ` +
    "papers' tables; the same command then fills them."
  );
}

/** The systems and plugins of a run, from its options. */
export function runWorkspace(
  options: Pick<RunTablesOptions, 'workspace' | 'plugins' | 'config'>,
): Promise<Workspace> {
  if (options.workspace !== undefined) return Promise.resolve(options.workspace);
  return openWorkspace({ config: options.config ?? false, plugins: options.plugins });
}
