import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ROOT } from './workbench.js';

const GIB = 2 ** 30;

it('10,000 labels on an image of 1024 x 768 stay under 4 GiB', { timeout: 1_200_000 }, async () => {
  const args = [join(ROOT, 'test/faults/many-labels.mjs'), '10000', 'whole', '1024', '768'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  const seen = JSON.parse(stdout) as Readonly<Record<'peak' | 'area' | 'pixels' | 'liveTensors', number>>;
  expect(seen.peak).toBeLessThan(4 * GIB);
  expect(seen.area).toBe(seen.pixels);
  expect(seen.liveTensors).toBe(0);
});
