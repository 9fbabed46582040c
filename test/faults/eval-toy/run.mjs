// The process that is killed: node run.mjs FOLDER SCENES WORKERS. Begins once a byte arrives on standard input, or at its
// end: its modules are loaded by then. Says on standard output when a unit is through.
import { readSync, writeFileSync, writeSync } from 'node:fs';
import { executeRun } from '../../../packages/eval/dist/runner/execute-run.js';
import { openRunResults } from '../../../packages/eval/dist/runner/open-run.js';
import { fillTable } from '../../../packages/eval/dist/tables/fill-table.js';
import { tableText } from '../../../packages/eval/dist/tables/text.js';
import { toyRun } from './plan.mjs';

const [folder, scenes, workers] = process.argv.slice(2);
readSync(0, Buffer.alloc(1));
try {
  const outcome = await executeRun(
    toyRun({
      folder,
      scenes: Number(scenes),
      workers: Number(workers),
      takeOver: process.env['TOY_TAKE_OVER'] === '1',
      onProgress: ({ now }) => (now > 0 ? writeSync(1, '.') : undefined),
    }),
  );
  const run = await openRunResults(folder);
  const table = fillTable(run.plan.tables[0], run);
  writeFileSync(`${folder}/table.txt`, tableText(table));
  writeFileSync(`${folder}/table.json`, JSON.stringify(table));
  await run[Symbol.asyncDispose]();
  const rss = /VmHWM:\s+(\d+)/.exec(
    await import('node:fs').then((fs) => fs.readFileSync('/proc/self/status', 'utf8')),
  )?.[1];
  writeFileSync(`${folder}/outcome.json`, JSON.stringify({ ...outcome, peakKb: Number(rss) }));
  process.exitCode = outcome.failures.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 2;
}
