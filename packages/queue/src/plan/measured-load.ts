import { statSync } from 'node:fs';
import { join } from 'node:path';
import { openRunResults } from '@maskloom/eval';
import type { GroupLoad } from './simulate.js';

/**
 * What the pictures of a run took, from its ledger: each picture's units are one group, as a queue gives them out.
 * @param folder - of a run; units without a result are left out
 * @throws MaskloomError `RUN_INVALID`
 */
export async function measuredLoad(folder: string): Promise<readonly GroupLoad[]> {
  await using run = await openRunResults(folder);
  const loads: GroupLoad[] = [];
  for (const part of run.units.parts) {
    const store = run.units.store(part);
    for (let i = 0; store !== undefined && i < store.count; i++) {
      const results = run.units.ofScene(part, i).flatMap(({ key }) => run.results.result(key) ?? []);
      if (results.length === 0) continue;
      loads.push({
        seconds: results.reduce((sum, { ms }) => sum + ms / 1000, 0),
        units: results.length,
        pictureBytes: sizeOf(join(store.head.root, store.read(i).image)),
        answerBytes: results.reduce((sum, result) => sum + JSON.stringify(result).length, 0),
      });
    }
  }
  return loads;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
