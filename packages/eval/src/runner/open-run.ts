import { Ledger } from '../ledger/ledger.js';
import { noData, openStores, remarksOf } from './execute-run.js';
import { readPlan, runPaths } from './run-folder.js';
import type { RunPlan } from './run-plan.js';
import { RunResults } from './run-results.js';
import { RunUnits } from './run-units.js';
import type { SceneRemarks } from './scenes/scene.js';
import { readIdentity } from './scenes/scene-store.js';

/** A run's folder, opened to be read. */
export interface OpenRun extends AsyncDisposable {
  /** What the run was asked to compute. */
  readonly plan: RunPlan;
  /** All units, computed or not. */
  readonly units: RunUnits;
  /** Results so far. */
  readonly results: RunResults;
  /** Scenes by part. */
  readonly images: Readonly<Record<string, number>>;
  /** What was noticed while each part's data were read, by name of the part. */
  readonly remarks: Readonly<Record<string, SceneRemarks>>;
}

/**
 * Opens a run to read its results; no model and no data set is needed.
 * @throws MaskloomError `RUN_INVALID`
 */
export async function openRunResults(folder: string): Promise<OpenRun> {
  const plan = readPlan(folder);
  const paths = runPaths(folder);
  const stores = await openStores({
    folder,
    plan,
    openPart: noData,
    partIdentity: (part) => readIdentity(paths.scenes(part)),
    signal: new AbortController().signal,
  });
  const ledger = new Ledger(paths.ledger);
  const units = new RunUnits(plan, stores.byPart);
  return {
    plan,
    units,
    results: new RunResults(plan, units, ledger),
    images: Object.fromEntries([...stores.byPart].map(([part, { count }]) => [part, count])),
    remarks: remarksOf(stores.byPart),
    async [Symbol.asyncDispose]() {
      ledger.close();
      stores[Symbol.dispose]();
    },
  };
}
