// A coordinator of toys that is killed: node coordinator.mjs FOLDER SCENES [URL]; on this machine alone without a URL.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { executeRun, fillTable, openRunResults, tableText } from '../../../packages/eval/dist/index.js';
import { queueDispatch, queuePlace } from '../../../packages/queue/dist/index.js';
import { toyRun } from '../eval-toy/plan.mjs';

const [folder, scenes, url] = process.argv.slice(2);
const dispatch =
  url === undefined
    ? undefined
    : queueDispatch({
        place: queuePlace(url),
        code: 'toy 1',
        pictures: false,
        stalls: 50,
        sweepMs: 500,
        leaseMs: 3000,
        onNote: (note) => console.error(note),
      });
const run = toyRun({ folder, scenes: Number(scenes) });
const { failures } = await executeRun({
  ...run,
  env: { TOY_LOG: `${folder}.log` },
  ...(dispatch && { dispatch }),
});
const results = await openRunResults(folder);
mkdirSync(join(folder, 'tables'), { recursive: true });
const table = fillTable(results.plan.tables[0], results);
writeFileSync(join(folder, 'tables', 'toy.txt'), tableText(table));
writeFileSync(join(folder, 'tables', 'toy.json'), JSON.stringify(table));
await results[Symbol.asyncDispose]();
process.exit(failures.length === 0 ? 0 : 1);
