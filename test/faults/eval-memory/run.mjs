// An evaluation run in a process of its own: node run.mjs DATA OUT. Everything that `maskloom eval` does with a folder of
// scenes: reading them, the ledger, a worker process with a model, measures, intervals, tables. Prints the highest resident
// memory of this process, in kilobytes, and its processor time.
import { evalTable, executeRun, RUN_SCHEMA, syntheticScenes } from '@maskloom/eval';
import { peakBytes } from '../../../bench/lib/peak.mjs';
import { writeRunTables } from '../../../packages/cli/dist/evaluate/write-tables.js';
import { keepHeapSmall } from '../../../packages/cli/dist/small-heap.js';

keepHeapSmall();

const [data, folder] = process.argv.slice(2);
const recipe = 'sam/middle';
const protocols = ['reasoning', 'semantic'];
const { done, total } = await executeRun({
  folder,
  plan: {
    schema: RUN_SCHEMA,
    command: 'memory',
    device: 'cpu',
    bundles: [],
    switches: {
      emptyUnionIsOne: true,
      referenceEpsilons: false,
      summedPolygons: false,
      firstTextOnly: true,
      answers: 'generated',
    },
    world: 'synthetic',
    subjects: [{ recipe, overrides: {} }],
    parts: [{ name: 'data', source: { format: 'synthetic world' } }],
    work: protocols.map((protocol) => ({ part: 'data', protocol, subjects: [0] })),
    tables: [
      evalTable({
        recipes: [recipe],
        tasks: new Set(['reasoning', 'semantic']),
        data: 'memory',
        kind: 'synthetic',
        premises: false,
      }),
    ],
  },
  openPart: (_, scratch) => syntheticScenes({ folder: data, scratch }),
  partIdentity: () => ({ data }),
  worker: new URL('./worker.mjs', import.meta.url),
  workers: 1,
  signal: new AbortController().signal,
});
const { tables } = await writeRunTables(folder);
const cells = tables[0].rows[0].cells.map(({ images }) => images);
const { user, system } = process.cpuUsage();
const spent = { peakKb: peakBytes() / 1024, cpuMs: (user + system) / 1000 };
console.log(JSON.stringify({ done, total, cells, ...spent }));
