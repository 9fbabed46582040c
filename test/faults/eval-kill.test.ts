import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Prng } from '@maskloom/core';
import { describe, expect, it } from 'vitest';
import { begunUnits, ledgerKeys, startToy, type ToyProcess } from './eval-toy/start.js';
import { temporaryFolder } from './workbench.js';

const SCENES = 125;
const UNITS = 500;

const tableOf = (folder: string): string =>
  readFileSync(join(folder, 'table.txt'), 'utf8') + readFileSync(join(folder, 'table.json'), 'utf8');

describe('a run killed at any instant', () => {
  it.each([
    [100, 1],
    [20, 2],
  ])(
    'gives the same tables to the byte after %i kills, %i worker(s)',
    { timeout: 600_000 },
    async (wanted, workers) => {
      await using place = await temporaryFolder();
      const whole = join(place.path, 'whole');
      expect(await startToy({ folder: whole, scenes: SCENES }).ended).toMatchObject({ code: 0 });

      const killed = join(place.path, 'killed');
      const prng = new Prng(500 + workers);
      const next = (): ToyProcess =>
        startToy({ folder: killed, scenes: SCENES, workers, env: { TOY_MS: '3' }, waits: true });
      let kills = 0;
      // The next process loads its modules while one is at work.
      for (let run = next(), following = next(); ; run = following, following = next()) {
        // After a random number of units and a random wait; a few before anything has begun.
        const after = kills < wanted ? prng.int(6) : Infinity;
        run.begin();
        if (after === 0) await delay(prng.int(150));
        await run.reached(after);
        await delay(prng.int(4));
        run.child.kill('SIGKILL');
        const { signal, code, stderr } = await run.ended;
        if (signal === 'SIGKILL') {
          kills++;
          continue;
        }
        following.child.kill('SIGKILL');
        await following.ended;
        expect(stderr).toBe('');
        expect(code).toBe(0);
        break;
      }
      expect(kills).toBe(wanted);
      expect(tableOf(killed)).toBe(tableOf(whole));
      const keys = ledgerKeys(killed);
      expect(keys).toHaveLength(UNITS);
      expect(new Set(keys)).toEqual(new Set(ledgerKeys(whole)));
      // At most one unit per worker is begun again after each kill.
      expect(begunUnits(killed).length).toBeLessThanOrEqual(UNITS + kills * workers);
    },
  );
});
