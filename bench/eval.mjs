// Runs of `maskloom eval`: two workers against one, four systems in one run against the four in runs of their own. Every run is
// whole: processes are started, models opened, the ledger written, tables filled.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSynth } from '@maskloom/synth';
import { runEval, runTables } from 'maskloom';
import { inTurns, ratio } from './lib/measure.mjs';

/** Systems that look at an image through the same encoders. */
const SYSTEMS = ['read/full', 'read/seg', 'read/points', 'read/seg-points'];
const SCENES = 24;
const WIDE = 60;
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** Why `--quick` leaves it out. */
export const notQuick = 'starting the processes of its seven runs alone takes minutes';

/** @returns rows of the report */
export async function measure({ rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'maskloom-bench-'));
  try {
    const data = join(folder, 'scenes');
    await writeSynth({ out: data, count: WIDE, seed: 8_950_000, width: 128, height: 128 });
    let runs = 0;
    const run = () => join(folder, `run ${runs++}`);
    const signal = new AbortController().signal;
    const plain = { data, device: 'cpu', command: 'bench', signal };
    const workers = (count) => async () => {
      await check(runEval({ ...plain, out: run(), workers: count, systems: [SYSTEMS[0]] }));
    };
    const rows = (systems) => async () => {
      for (const one of systems)
        await check(runTables({ ...plain, out: run(), count: SCENES, tables: [table(one)] }));
    };
    const spent = await inTurns(
      {
        'one worker': workers(1),
        'two workers': workers(2),
        together: rows([SYSTEMS]),
        alone: rows(SYSTEMS.map((one) => [one])),
      },
      // A round takes minutes.
      Math.min(rounds, 3),
    );
    const faster = spent['one worker'] / spent['two workers'];
    const share = spent.together / spent.alone;
    return [
      {
        name: `evaluation of ${WIDE} images with two workers, times faster than one`,
        value: ratio(faster),
        aim: '>= 1.6',
        good: faster >= 1.6,
        detail: `${seconds(spent['two workers'])} against ${seconds(spent['one worker'])}`,
      },
      {
        name: `four systems on ${SCENES} images in one run, against four runs`,
        value: ratio(share),
        aim: '<= 0.7',
        good: share <= 0.7,
        detail: `${seconds(spent.together)} against ${seconds(spent.alone)}`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A question or two about each image, so that looking at it is what costs. */
function table(recipes) {
  return {
    id: 'bench/shared',
    title: 'Systems that share encoders',
    data: { synthetic: { val: { seed: 0, count: SCENES } }, real: {} },
    rows: recipes.map((recipe) => ({ label: recipe, recipe })),
    columns: [{ label: 'gIoU', synthetic: { part: 'val', protocol: 'reasoning', figure: 'gIoU all' } }],
  };
}

async function check(started) {
  const { failures, done } = await started;
  if (failures.length > 0 || done === 0) throw new Error(`A run went wrong: ${JSON.stringify(failures[0])}`);
}
