// What the coordinator costs per unit: empty units through a real Redis, answered by a process that computes nothing.
// `node bench/coordinator.mjs [UNITS]`; `npm run bench -- --only coordinator` takes 10,000.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { executeRun } from '../packages/eval/dist/index.js';
import { queueDispatch, queuePlace } from '../packages/queue/dist/index.js';
import { SERVER, startRedis } from '../scripts/queue/redis.mjs';
import { toyRun } from '../test/faults/eval-toy/plan.mjs';

const TOKEN = 'a token for measuring';
const SUBJECTS = 10;

/** CPU time of this process, the coordinator, and its heap at each tenth of the run. */
export async function overhead(units) {
  const folder = mkdtempSync(join(tmpdir(), 'maskloom-queue-bench-'));
  const redis = await startRedis(join(folder, 'redis'));
  const helper = spawn(
    process.execPath,
    [fileURLToPath(new URL('lib/empty-worker.mjs', import.meta.url)), redis.url],
    {
      env: { ...process.env, MASKLOOM_QUEUE_TOKEN: TOKEN },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const heaps = [];
  let before;
  let start;
  try {
    const place = queuePlace(redis.url, { MASKLOOM_QUEUE_TOKEN: TOKEN });
    const dispatch = queueDispatch({ place, code: 'empty', pictures: false });
    const run = toyRun({ folder: join(folder, 'run'), scenes: units / SUBJECTS, subjects: SUBJECTS });
    const outcome = await executeRun({
      ...run,
      dispatch,
      onProgress: ({ now, total }) => {
        if (now === 0) {
          // Reading the scenes and keying the units is the same without a queue.
          before = process.cpuUsage();
          start = performance.now();
        }
        if (now % (total / 10) === 0) {
          global.gc?.();
          heaps.push(process.memoryUsage().heapUsed / 1e6);
        }
      },
    });
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    if (outcome.done !== units) throw new Error(`${outcome.done} of ${units} units`);
    return { perUnit: ms / units, seconds: (performance.now() - start) / 1000, heaps };
  } finally {
    helper.kill('SIGKILL');
    await redis.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** For `npm run bench`. */
export async function measure({ quick }) {
  if (SERVER === undefined) return [];
  const units = quick ? 1000 : 10_000;
  const { perUnit, seconds } = await overhead(units);
  return [
    {
      name: `CPU time of the coordinator of a queue, per empty unit`,
      value: `${perUnit.toFixed(2)} ms`,
      aim: '< 2 ms',
      good: perUnit < 2,
      detail: `${units} units in groups of ${SUBJECTS}, ${seconds.toFixed(0)} s`,
    },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const units = Number(process.argv[2] ?? 100_000);
  const { perUnit, seconds, heaps } = await overhead(units);
  console.log(
    `${units} empty units in groups of ${SUBJECTS}: ${perUnit.toFixed(3)} ms of CPU per unit, ${seconds.toFixed(0)} s`,
  );
  console.log(`heap at each tenth, MB: ${heaps.map((heap) => heap.toFixed(0)).join(' ')}`);
}
