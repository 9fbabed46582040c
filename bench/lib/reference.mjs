// A Python process of the training kit that does the peers' side of a benchmark, in turns with ours, processor time on both sides.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { median } from './measure.mjs';

/** The training kit's interpreter. */
export const PYTHON = fileURLToPath(new URL('../../training/.venv/bin/python', import.meta.url));

/** Whether the training kit's Python is there; says so where it is not. */
export function hasPython(name) {
  if (existsSync(PYTHON)) return true;
  console.error(`${name}: not run, there is no training/.venv (npm run training:setup).`);
  return false;
}

/**
 * Starts a script of this folder's parent: one line in, one line of JSON out.
 * @returns `named(...packages)` says peers with their versions, `ask(name)` gives an answer, `end()`
 */
export async function openReference(script, ...args) {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const child = spawn(PYTHON, [path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('The reference process ended.');
    return JSON.parse(value);
  };
  const { versions } = await answer();
  return {
    named: (...packages) => named(versions, packages),
    ask(name) {
      child.stdin.write(`${name}\n`);
      return answer();
    },
    end: () =>
      new Promise((resolve) => {
        child.once('exit', resolve);
        child.stdin.end();
      }),
  };
}

const NAMES = { pillow: 'Pillow', numpy: 'NumPy' };

/** `Pillow 13.0.0, torch 2.13.0`, of what packages are called in the index. */
export const named = (versions, packages) =>
  packages.map((name) => `${NAMES[name] ?? name} ${versions[name]}`).join(', ');

/** Milliseconds that this process worked, in all threads. */
export async function processorTime(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * Median milliseconds of two pieces of work that say themselves how long they took, in turns; one turn warms up. `cost` is the
 * least of mine over the least of theirs, which other work on the machine disturbs less than medians.
 */
export async function turns(rounds, works) {
  const times = { theirs: [], mine: [] };
  for (let round = -1; round < rounds; round++) {
    for (const name of round % 2 === 0 ? ['theirs', 'mine'] : ['mine', 'theirs']) {
      const spent = await works[name]();
      if (round >= 0) times[name].push(spent);
    }
  }
  const cost = Math.min(...times.mine) / Math.min(...times.theirs);
  return { theirs: median(times.theirs), mine: median(times.mine), cost };
}

/** Longest time in milliseconds that a timer of 1 ms was late while `work` ran. */
export async function longestStall(work) {
  let [last, longest] = [performance.now(), 0];
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last - 1);
    last = now;
  };
  const timer = setInterval(look, 1);
  await work();
  look();
  clearInterval(timer);
  return longest;
}
