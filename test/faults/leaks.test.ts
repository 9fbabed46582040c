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
    const args = ['--expose-gc', script, '200', '50', '100', '150', '200'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
    const { resident, liveTensors, resources } = JSON.parse(stdout) as {
      readonly resident: Readonly<Record<string, number>>;
      readonly liveTensors: number;
      readonly resources: readonly string[];
    };
    const [early = 0, ...later] = ['50', '100', '150', '200'].map((mark) => resident[mark] ?? Infinity);
    expect(early).toBeGreaterThan(0);
    for (const bytes of later) expect(bytes / early, JSON.stringify(resident)).toBeLessThan(1.1);
    expect({ liveTensors, resources }).toEqual({ liveTensors: 0, resources: [] });
  },
);
