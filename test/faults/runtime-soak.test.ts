import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ROOT } from './workbench.js';

/**
 * Each life starts and ends a worker thread. The allocators' arenas fill during the first 160 lives or so and then stay:
 * growth is measured from there, over 200 lives more.
 */
it('200 lives of a source leave no tensor and flat memory', { timeout: 600_000 }, async () => {
  const script = join(ROOT, 'test/faults/lives.mjs');
  const args = ['--expose-gc', script, '360', '160', '260', '360'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  const { resident, liveTensors } = JSON.parse(stdout) as {
    readonly resident: Readonly<Record<string, number>>;
    readonly liveTensors: number;
  };
  const [early = 0, ...later] = ['160', '260', '360'].map((mark) => resident[mark] ?? Infinity);
  expect(early).toBeGreaterThan(0);
  for (const bytes of later) expect(bytes / early, JSON.stringify(resident)).toBeLessThan(1.1);
  expect(liveTensors).toBe(0);
});
