import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeSynth } from '@maskloom/synth';
import { expect, it } from 'vitest';
import { ROOT, temporaryFolder } from './workbench.js';

const RUN = join(ROOT, 'test/faults/eval-memory/run.mjs');
const SEED = 8_100_000;

interface Peaks {
  /** Kilobytes of the run's process. */
  readonly run: number;
  /** Kilobytes of its worker. */
  readonly worker: number;
}

/** A whole run over so many scenes, each process's highest resident memory. */
async function peaks(place: string, count: number, attempt: number): Promise<Peaks> {
  const [data, out, log] = ['data', 'run', 'worker'].map((name) =>
    join(place, `${name} ${count} ${attempt}`),
  ) as [string, string, string];
  await writeSynth({ out: data, count, seed: SEED, width: 64, height: 64 });
  const { stdout } = await promisify(execFile)(process.execPath, [RUN, data, out], {
    env: { ...process.env, MEMORY_LOG: log },
  });
  const seen = JSON.parse(stdout) as Readonly<Record<'done' | 'total' | 'peakKb', number>> & {
    readonly cells: readonly number[];
  };
  expect(seen.done).toBe(seen.total);
  expect(Math.max(...seen.cells)).toBe(count);
  return {
    run: seen.peakKb,
    worker: (JSON.parse(readFileSync(log, 'utf8')) as { readonly peakKb: number }).peakKb,
  };
}

const least = (a: Peaks, b: Peaks): Peaks => ({
  run: Math.min(a.run, b.run),
  worker: Math.min(a.worker, b.worker),
});

/** Memory of many images over that of few: the worker's, and both processes'. */
const growth = (few: Peaks, many: Peaks): readonly number[] => [
  many.worker / few.worker,
  (many.run + many.worker) / (few.run + few.worker),
];

it(
  'an evaluation of 2,000 images needs at most a tenth more memory than one of 200',
  { timeout: 1_200_000 },
  async () => {
    await using place = await temporaryFolder();
    let [few, many] = [await peaks(place.path, 200, 1), await peaks(place.path, 2000, 1)];
    // On a busy machine garbage is collected late. What is needed is the least of several runs; what is kept is in all.
    for (let run = 2; run <= 3 && Math.max(...growth(few, many)) >= 1.1; run++) {
      few = least(few, await peaks(place.path, 200, run));
      many = least(many, await peaks(place.path, 2000, run));
    }
    expect(Math.max(...growth(few, many)), JSON.stringify({ few, many })).toBeLessThan(1.1);
  },
);
