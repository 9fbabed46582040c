// What starting costs: whole processes, in turns, against `node -e 0` and against a plain program on ONNX Runtime. Packages are those
// that are published, with their files joined. `node bench/start.mjs [ROUNDS]` measures by itself.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { median, ms, ratio } from './lib/measure.mjs';
import { PROGRAMS, stagePublished } from './lib/published.mjs';

const REPORT = join(PROGRAMS, 'report.cjs');
const COMMAND = fileURLToPath(new URL('../packages/cli/bin/maskloom.js', import.meta.url));
const NEEDED = ['masks', 'core', 'runtime', 'clip', 'sam'];

/** @returns rows of the report */
export async function measure({ rounds }) {
  const staged = await stagePublished(NEEDED, 'start');
  const tiny = fileURLToPath(bundleDirectory);
  const published = (name) => [join(staged, name)];
  const costs = await inTurns(
    {
      nothing: ['-e', '0'],
      module: ['--input-type=module', '-e', '0'],
      core: published('core.mjs'),
      sources: [join(PROGRAMS, 'core.mjs')],
      help: [COMMAND, '--help'],
      bare: [join(PROGRAMS, 'bare.mjs'), tiny],
      thread: [join(PROGRAMS, 'thread.mjs'), tiny],
      sdk: published('sdk.mjs'),
    },
    rounds,
  );
  const row = (name, what, over, aim, more) => {
    const [wall, cpu] = ['wall', 'cpu'].map((kind) => costs[what][kind] / costs[over][kind]);
    const detail = `${ms(costs[what].wall)} against ${ms(costs[over].wall)}; CPU ${ratio(cpu)}; ${more}`;
    return { name, value: ratio(wall), aim: `<= ${aim}`, good: wall <= aim, detail };
  };
  const over = (what, least) =>
    `${ratio(costs[what].wall / costs[least].wall)}, CPU ${ratio(costs[what].cpu / costs[least].cpu)}`;
  return [
    row(
      'starting: `import @maskloom/core`, over `node -e 0`, wall',
      'core',
      'nothing',
      1.8,
      `an empty module ${over('module', 'nothing')}; the compiled files before they are joined ${over('sources', 'nothing')}`,
    ),
    row('starting: `maskloom --help`, over `node -e 0`, wall', 'help', 'nothing', 2.5, 'files not joined'),
    row(
      'starting: from `node` to the first mask (sam/prompted), over a plain program on two bare sessions, wall',
      'sdk',
      'bare',
      1.5,
      `the plain program in a worker thread, which leaves the event loop free: ${over('thread', 'bare')}`,
    ),
  ];
}

/** Name to median milliseconds of whole processes; a first round warms up (files, and what the SDK keeps of them). */
async function inTurns(programs, rounds) {
  const names = Object.keys(programs);
  const costs = Object.fromEntries(names.map((name) => [name, { wall: [], cpu: [] }]));
  for (let round = -1; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      const { wall, cpu } = await run(programs[name]);
      if (round < 0) continue;
      costs[name].wall.push(wall);
      costs[name].cpu.push(cpu);
    }
  }
  return Object.fromEntries(
    names.map((name) => [name, { wall: median(costs[name].wall), cpu: median(costs[name].cpu) }]),
  );
}

async function run(program) {
  const start = performance.now();
  const child = spawn(process.execPath, ['-r', REPORT, ...program], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const told = text(child.stdio[3]);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  const wall = performance.now() - start;
  if (code !== 0) throw new Error(`node ${program.join(' ')} ended with ${code}`);
  return { wall, cpu: Number(await told) };
}

if (process.argv[1] === import.meta.filename)
  console.table(await measure({ rounds: Number(process.argv[2] ?? 15) }));
