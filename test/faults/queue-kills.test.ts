import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeWithRedis } from './queue/redis.js';
import { ROOT } from './workbench.js';

describeWithRedis('the four systems over a queue', () => {
  it(
    'keep every unit, once, through kills of workers, coordinator and Redis',
    { timeout: 900_000 },
    async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        join(ROOT, 'scripts/queue-kills.mjs'),
        ...['--units', '200', '--kills', '4', '--workers', '2', '--skip-calm'],
      ]);
      expect(stdout).toMatch(/209 units in the ledger, 0 lost, 0 twice, 0 failed; tables equal to the byte/);
      expect(stdout).toMatch(/worker 2, coordinator 1, Redis 1/);
    },
  );
});
