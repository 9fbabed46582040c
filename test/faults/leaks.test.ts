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
    const marks = Array.from({ length: 15 }, (_, i) => String(60 + 10 * i));
    const args = ['--expose-gc', script, '200', ...marks];
    // Every pipeline starts a thread, and with it glibc may open another arena: with two of them such steps are rare.
    const env = { ...process.env, MALLOC_ARENA_MAX: '2' };
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
    const { resident, liveTensors, resources } = JSON.parse(stdout) as {
      readonly resident: Readonly<Record<string, number>>;
      readonly liveTensors: number;
      readonly resources: readonly string[];
    };
    // Single marks bounce by a tenth (ten times 216 to 219 MB, four times 237 to 244), and one step can stay; a leak lifts the
    // lowest mark of every third: 3 % of one is 0.13 MB a pipeline.
    const bytes = marks.map((mark) => resident[mark] ?? NaN);
    const [first = NaN, second = NaN, third = NaN] = [0, 5, 10].map((from) =>
      Math.min(...bytes.slice(from, from + 5)),
    );
    expect(Math.min(second / first, third / second), JSON.stringify(resident)).toBeLessThan(1.03);
    expect(third / first, JSON.stringify(resident)).toBeLessThan(1.2);
    expect({ liveTensors, resources }).toEqual({ liveTensors: 0, resources: [] });
  },
);
