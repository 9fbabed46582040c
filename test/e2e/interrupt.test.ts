import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maskloom, start } from './lib/maskloom.js';

let folder: string;
/** How long the command takes to do nothing, ms: about 500 on a free machine, far more on a loaded one. */
let idle: number;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maskloom-interrupt-'));
  const { code } = await maskloom(
    ['data', 'synth', '--out', 'data', '--count', '400', '--seed', '8960000'],
    folder,
  );
  expect(code).toBe(0);
  idle = await idleTime();
});
afterAll(() => rm(folder, { recursive: true }));

async function idleTime(): Promise<number> {
  const started = performance.now();
  await maskloom(['--version'], folder);
  return performance.now() - started;
}

/** Waits until the command has begun to write beside its place. */
async function staged(pattern: RegExp): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if ((await readdir(folder)).some((name) => pattern.test(name))) return;
    await wait(50);
  }
  throw new Error('nothing was staged');
}

// Windows cannot send the signal that Ctrl-C sends.
describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  it.each([
    [
      'compare',
      ['compare', 'data/images', '--text', 'the sky', '--device', 'cpu', '--out', 'out'],
      /^\.out\.maskloom-partial-/,
      2500,
    ],
    ['data synth', ['data', 'synth', '--out', 'out', '--count', '200000'], /^\.out\.maskloom-partial-/, 300],
  ] as const)(
    'in the middle of %s ends within a second with 130 and leaves nothing',
    async (_name, args, pattern, delay) => {
      const { child, ended } = start(args, folder);
      await staged(pattern);
      await wait(delay);
      expect(child.exitCode, 'it ended before the signal').toBeNull();
      const sent = performance.now();
      child.kill('SIGINT');
      await once(child, 'exit');
      const took = performance.now() - sent;
      const { code, stdout, stderr } = await ended;
      expect(code).toBe(130);
      expect(stdout).toBe('');
      expect(stderr).toContain('interrupted');
      expect(await readdir(folder)).toEqual(['data']);
      // A second on a free machine; a loaded one gets as much more as it needs for everything else.
      const load = Math.max(1, Math.max(idle, await idleTime()) / 500);
      expect(took).toBeLessThan(1000 * load);
    },
  );

  it('what a killed run left is cleared by the next', async () => {
    const { child, ended } = start(
      ['compare', 'data/images', '--text', 'the sky', '--device', 'cpu', '--out', 'out'],
      folder,
    );
    await staged(/^\.out\.maskloom-partial-/);
    child.kill('SIGKILL');
    await ended;
    expect((await readdir(folder)).length).toBe(2);
    const args = [
      'compare',
      'data/images/08960000.png',
      '--text',
      'the sky',
      '--systems',
      'read/full',
      '--device',
      'cpu',
      '--out',
      'out',
    ];
    expect((await maskloom(args, folder)).code).toBe(0);
    expect((await readdir(folder)).sort()).toEqual(['data', 'out']);
  });
});
