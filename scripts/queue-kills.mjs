// `node scripts/queue-kills.mjs [--units N] [--kills N] [--workers N] [--seed N] [--skip-calm] [--at-once] [--toys] [--folder DIR]`: units of the
// four systems on this machine alone, over workers of a queue, and over workers of a queue while workers, coordinator and
// Redis are ended by SIGKILL at random instants. The tables must be equal to the byte, no unit lost, none counted twice.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Prng } from '../packages/core/dist/index.js';
import { startRedis } from './queue/redis.mjs';

const { values } = parseArgs({
  options: {
    units: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '40' },
    workers: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string' },
    'skip-calm': { type: 'boolean', default: false },
    // All runs beside each other.
    'at-once': { type: 'boolean', default: false },
    // Recipes that compute nothing, for what the queue alone does.
    toys: { type: 'boolean', default: false },
    'lock-seconds': { type: 'string', default: '3' },
  },
});
const [wanted, kills, workers, seed] = ['units', 'kills', 'workers', 'seed'].map((name) =>
  Number(values[name]),
);
const COMMAND = new URL('../packages/cli/dist/main.js', import.meta.url).pathname;
const SYSTEMS = 'stacked-seg/single,read/full,rose/patch,lmseg/full';
/** Whom a kill hits, in turns. */
const KINDS = ['worker', 'worker', 'coordinator', 'Redis'];
const UNITS_PER_IMAGE = values.toys ? 4 : 11;
const images = Math.ceil(wanted / UNITS_PER_IMAGE);
const place = values.folder ?? mkdtempSync(join(tmpdir(), 'maskloom-chaos-'));
const env = {
  ...process.env,
  TOY_FOREVER: '1',
  TOY_MS: '20',
  MASKLOOM_QUEUE_TOKEN: randomBytes(32).toString('hex'),
};
const prng = new Prng(seed);
const alive = new Set();
const servers = [];

function start(args, quiet = false) {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said = (said + chunk).slice(-2000)));
  alive.add(child);
  const ended = new Promise((resolve) =>
    child.once('close', (code, signal) => {
      alive.delete(child);
      resolve({ code, signal, said });
    }),
  );
  if (!quiet)
    ended.then(({ code, signal }) => {
      if (code !== 0 && signal === null)
        console.error(`${args.slice(0, 2).join(' ')} ended with ${code}: ${said.trim()}`);
    });
  return { child, ended };
}

async function complete(args) {
  const { code, said } = await start(args, true).ended;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${said}`);
}

const real = {
  systems: SYSTEMS,
  data: [
    [COMMAND, 'data', 'synth', '--out', join(place, 'scenes'), '--count', `${images}`, '--seed', '8300000'],
  ],
  measure: (out, url) => [
    ...[COMMAND, 'eval', '--data', join(place, 'scenes'), '--system', SYSTEMS, '--device', 'cpu'],
    ...['--out', join(place, out)],
    ...(url === undefined ? ['--workers', '2'] : ['--queue', url, '--stalls', '50']),
  ],
  worker: (url) => [
    COMMAND,
    'worker',
    '--queue',
    url,
    '--device',
    'cpu',
    '--lock-seconds',
    values['lock-seconds'],
  ],
};
const TOYS = new URL('../test/faults/queue/', import.meta.url).pathname;
const toys = {
  systems: '4 toy recipes',
  data: [],
  measure: (out, url) => [
    join(TOYS, 'coordinator.mjs'),
    join(place, out),
    `${images}`,
    ...(url ? [url] : []),
  ],
  worker: (url) => [join(TOYS, 'worker.mjs'), url, join(place, 'toys')],
};
const { systems, data, measure, worker: workerOf } = values.toys ? toys : real;
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(0)} s`;

/** Lines of a run's ledger that are whole: key and whether there is a result. */
function ledger(out) {
  const path = join(place, out, 'ledger.jsonl');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      try {
        const { key, error } = JSON.parse(line.slice(9));
        return [{ key, failed: error !== undefined }];
      } catch {
        return [];
      }
    });
}

function tables(out) {
  const folder = join(place, out, 'tables');
  return readdirSync(folder)
    .sort()
    .map((name) => `${name}\n${readFileSync(join(folder, name), 'utf8')}`)
    .join('\n');
}

/** A run over a queue; each victim is ended when so many units are through. */
async function overQueue(out, victims) {
  const redis = await startRedis(join(place, `${out}-redis`));
  servers.push(redis);
  const worker = () => start(workerOf(redis.url));
  const coordinator = () => start(measure(out, redis.url));
  const team = Array.from({ length: workers }, worker);
  let head = coordinator();
  const count = { worker: 0, coordinator: 0, Redis: 0 };
  for (const { at, kind } of victims) {
    while (ledger(out).length < at && alive.has(head.child)) await delay(50);
    // Wherever they are just then: within a unit, between two, while one starts.
    await delay(prng.int(200));
    if (kind === 'worker') {
      const i = prng.int(workers);
      team[i].child.kill('SIGKILL');
      team[i] = worker();
    } else if (kind === 'coordinator') {
      if (!alive.has(head.child)) break;
      head.child.kill('SIGKILL');
      await head.ended;
      head = coordinator();
    } else {
      await redis.kill();
      await redis.start();
    }
    count[kind]++;
  }
  const { code, signal, said } = await head.ended;
  await redis.kill();
  for (const { child } of team) child.kill('SIGKILL');
  if (code !== 0) throw new Error(`the coordinator ended with ${code ?? signal}: ${said}`);
  return count;
}

function compare(name, out) {
  const [here, there] = [ledger('here'), ledger(out)];
  const keys = new Set(there.map(({ key }) => key));
  const lost = here.filter(({ key }) => !keys.has(key)).length;
  const twice = there.length - keys.size;
  const failed = there.filter((one) => one.failed).length;
  const equal = tables(out) === tables('here');
  console.log(
    `${name}: ${there.length} units in the ledger, ${lost} lost, ${twice} twice, ${failed} failed; tables ${equal ? 'equal to the byte' : 'DIFFER'}`,
  );
  if (lost + twice + failed > 0 || !equal || here.length !== there.length) process.exitCode = 1;
}

try {
  for (const args of data) await complete(args);
  const here = async () => {
    const since = performance.now();
    await complete(measure('here'));
    console.log(
      `this machine alone: ${ledger('here').length} units of ${systems} on ${images} images, ${seconds(since)}`,
    );
  };
  const calm = async () => {
    const since = performance.now();
    await overQueue('calm', []);
    const took = seconds(since);
    return () => compare(`${workers} workers over a queue, ${took}`, 'calm');
  };
  const killed = async () => {
    const since = performance.now();
    const victims = Array.from({ length: kills }, (_, i) => ({
      // The last tenth is left: what is over cannot be killed.
      at: prng.int(0.9 * images * UNITS_PER_IMAGE),
      kind: KINDS[i % KINDS.length],
    }));
    const count = await overQueue(
      'killed',
      victims.sort((a, b) => a.at - b.at),
    );
    const took = seconds(since);
    const shown = Object.entries(count).map(([kind, times]) => `${kind} ${times}`);
    return () => {
      compare(
        `${workers} workers, SIGKILL ${kills} times (${shown.join(', ')}; seed ${seed}), ${took}`,
        'killed',
      );
      if (Object.values(count).reduce((a, b) => a + b) >= kills) return;
      console.log('The run ended before every kill.');
      process.exitCode = 1;
    };
  };
  const runs = [here, ...(values['skip-calm'] ? [] : [calm]), killed];
  const results = values['at-once'] ? await Promise.all(runs.map((run) => run())) : [];
  if (!values['at-once']) for (const run of runs) results.push(await run());
  for (const show of results) show?.();
} finally {
  for (const child of alive) child.kill('SIGKILL');
  for (const server of servers) await server.kill();
  if (values.folder === undefined) rmSync(place, { recursive: true, force: true });
}
