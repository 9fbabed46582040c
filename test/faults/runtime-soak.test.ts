import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ROOT } from './workbench.js';

/**
 * Each life starts and ends a worker thread. Resident memory rises by about a tenth between lives 40 and 160 and then
 * stays (measured to life 400; the cause is not isolated), so growth is measured from life 160, over 200 lives more:
 * a leak per life shows, a first filling does not.
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
