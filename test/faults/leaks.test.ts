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
    const marks = ['50', '100', '125', '150', '175', '185', '195', '200'];
    const args = ['--expose-gc', script, '200', ...marks];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
    const { resident, liveTensors, resources } = JSON.parse(stdout) as {
      readonly resident: Readonly<Record<string, number>>;
      readonly liveTensors: number;
      readonly resources: readonly string[];
    };
    const [early = 0, ...later] = marks.map((mark) => resident[mark] ?? Infinity);
    expect(early).toBeGreaterThan(0);
    // What leaks stays: a page that the allocator gives back a little later is none. So the least of each pair of looks.
    const least = later.slice(1).map((bytes, i) => Math.min(bytes, later[i] ?? Infinity));
    for (const bytes of least) expect(bytes / early, JSON.stringify(resident)).toBeLessThan(1.1);
    expect({ liveTensors, resources }).toEqual({ liveTensors: 0, resources: [] });
  },
);
