// `node scripts/queue-plan.mjs [--images N] [--sample N] [--workers 1,2,4] [--toys]`: how far `maskloom eval --plan` is from
// runs over a queue on this machine. One worker's run of a few pictures gives unit times and the time to start; from
// them runs of more pictures are predicted, then made. `--toys` takes recipes that wait and compute nothing, so that
// workers stand for machines of their own; the systems share this machine's cores.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measuredLoad, simulate } from '../packages/queue/dist/index.js';
import { startRedis } from './queue/redis.mjs';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '80' },
    sample: { type: 'string', default: '10' },
    workers: { type: 'string', default: '1,2,4' },
    toys: { type: 'boolean', default: false },
  },
});
const [images, sample] = [Number(values.images), Number(values.sample)];
const COMMAND = new URL('../packages/cli/dist/main.js', import.meta.url).pathname;
const TOYS = new URL('../test/faults/queue/', import.meta.url).pathname;
const SYSTEMS = 'stacked-seg/single,read/full,rose/patch,lmseg/full';
const place = mkdtempSync(join(tmpdir(), 'maskloom-plan-'));
const env = {
  ...process.env,
  TOY_MS: '100',
  TOY_FOREVER: '1',
  MASKLOOM_QUEUE_TOKEN: randomBytes(32).toString('hex'),
};
const alive = new Set();
/** What `eval --plan` assumes beside the start. */
const ASSUMED = {
  coordinatorSeconds: 0.0005,
  groupSeconds: 0.02,
  bandwidth: 100e6,
  workerBytes: 1e9,
  price: 0,
};

function start(args) {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said = (said + chunk).slice(-2000)));
  alive.add(child);
  const ended = new Promise((resolve) =>
    child.once('close', (code) => {
      alive.delete(child);
      resolve({ code, said });
    }),
  );
  return { child, ended };
}

async function complete(args) {
  const { code, said } = await start(args).ended;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${said}`);
}

/** Seconds from the start of everything to the coordinator's end. */
async function measure(out, count, workers) {
  const redis = await startRedis(join(place, `${out}-redis`));
  const coordinator = values.toys
    ? [join(TOYS, 'coordinator.mjs'), join(place, out), `${count}`, redis.url]
    : [
        ...[COMMAND, 'eval', '--data', join(place, 'scenes'), '--limit', `${count}`, '--system', SYSTEMS],
        ...['--device', 'cpu', '--out', join(place, out), '--queue', redis.url],
      ];
  const worker = values.toys
    ? [join(TOYS, 'worker.mjs'), redis.url, join(place, `${out}-cache`)]
    : [COMMAND, 'worker', '--queue', redis.url, '--device', 'cpu'];
  const since = performance.now();
  const team = Array.from({ length: workers }, () => start(worker));
  await complete(coordinator);
  const seconds = (performance.now() - since) / 1000;
  for (const { child } of team) child.kill('SIGKILL');
  await redis.kill();
  return seconds;
}

try {
  if (!values.toys) {
    const scenes = ['--count', `${images}`, '--seed', '8300000'];
    await complete([COMMAND, 'data', 'synth', '--out', join(place, 'scenes'), ...scenes]);
  }
  const spent = await measure('sample', sample, 1);
  const loads = await measuredLoad(join(place, 'sample'));
  const busy = loads.reduce((sum, { seconds }) => sum + seconds, 0);
  const units = loads.reduce((sum, one) => sum + one.units, 0);
  const startSeconds = Math.max(0, spent - busy - loads.length * ASSUMED.groupSeconds);
  const many = Array.from({ length: images }, (_, i) => loads[i % loads.length]);
  console.log(
    `${values.toys ? 'toy recipes' : SYSTEMS}, ${cpus().length} cores: ${units} units on ${sample} images by one worker, ` +
      `${busy.toFixed(1)} s of work, ${startSeconds.toFixed(1)} s to start; ${images} images predicted and measured.`,
  );
  console.log('workers  predicted  measured  error');
  for (const workers of values.workers.split(',').map(Number)) {
    const { seconds } = simulate(many, workers, { ...ASSUMED, startSeconds });
    const took = await measure(`by-${workers}`, images, workers);
    const error = `${seconds >= took ? '+' : ''}${((100 * (seconds - took)) / took).toFixed(0)} %`;
    console.log(
      [
        `${workers}`.padEnd(9),
        `${seconds.toFixed(1)} s`.padEnd(11),
        `${took.toFixed(1)} s`.padEnd(10),
        error,
      ].join(''),
    );
  }
} finally {
  for (const child of alive) child.kill('SIGKILL');
  rmSync(place, { recursive: true, force: true });
}
