import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isAlive } from './partial.js';

it('knows the living from the dead', async () => {
  expect(isAlive(process.pid)).toBe(true);
  expect(isAlive(2 ** 22 + 1)).toBe(false);
});

it.runIf(process.platform === 'linux')(
  'counts a process that has ended as dead before its parent asks',
  async () => {
    // A shell that becomes another program never asks after the child it had.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 30'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const child = Number(said.toString());
    const state = (): string => readFileSync(`/proc/${child}/stat`, 'utf8').split(') ')[1]?.[0] ?? '';
    for (let i = 0; i < 200 && state() !== 'Z'; i++) await wait(10);
    expect(state()).toBe('Z');
    expect(isAlive(child)).toBe(false);
    parent.kill('SIGKILL');
  },
);
