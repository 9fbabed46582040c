import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ROOT } from './workbench.js';

/** Kept apart from the other tests: a process of its own, so that nothing but the pipelines is in its memory. */
it(
  '200 pipelines built, run and disposed of in one process leave memory flat',
  { timeout: 1_500_000 },
  async () => {
    const script = join(ROOT, 'test/faults/cycles.mjs');
    const marks = ['50', '100', '150', '200'];
    const args = ['--expose-gc', script, '200', ...marks];
    // Every pipeline starts a thread, and with it glibc may open another arena: a step of some 25 MB that no later cycle repeats,
    // and that looks like what is sought. Few arenas make it rare; a leak grows in every interval, a step in one.
    const env = { ...process.env, MALLOC_ARENA_MAX: '2' };
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
    const { resident, liveTensors, resources } = JSON.parse(stdout) as {
      readonly resident: Readonly<Record<string, number>>;
      readonly liveTensors: number;
      readonly resources: readonly string[];
    };
    const [early = 0, ...later] = marks.map((mark) => resident[mark] ?? Infinity);
    expect(early).toBeGreaterThan(0);
    const growth = later.map((bytes, i) => bytes / ([early, ...later][i] ?? 0));
    expect(growth.filter((ratio) => ratio > 1.02).length, JSON.stringify(resident)).toBeLessThanOrEqual(1);
    expect((later.at(-1) ?? Infinity) / early, JSON.stringify(resident)).toBeLessThan(1.2);
    expect({ liveTensors, resources }).toEqual({ liveTensors: 0, resources: [] });
  },
);
