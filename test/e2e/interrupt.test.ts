import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { predictionsSchema, type PredictionRun } from 'maskloom';
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

/** Waits until a comparison has noted so many finished images; gives what finds its journal then. */
async function finishedImages(out: string, count: number): Promise<() => Promise<string>> {
  const find = async (): Promise<string> => {
    const name = (await readdir(folder)).find((one) => one.startsWith(`.${out}.maskloom-unfinished-`));
    return join(folder, name ?? '', '.journal.jsonl');
  };
  for (let i = 0; i < 1200; i++) {
    const text = await readFile(await find(), 'utf8').catch(() => '');
    if (text.split('\n').length > count + 1) return find;
    await wait(10);
  }
  throw new Error('no image was finished');
}

// Windows cannot send the signal that Ctrl-C sends.
describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  it.each([
    [
      'compare',
      ['compare', 'data/images', '--text', 'the sky', '--device', 'cpu', '--out', 'out'],
      /^\.out\.maskloom-unfinished-/,
      300,
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

  it.each(['SIGKILL', 'SIGINT'] as const)(
    'compare goes on with --resume after %s: nothing done twice, and the same result',
    async (signal) => {
      const args = ['compare', 'data/images/0896000*.png', '--text', 'the sky', '--device', 'cpu'];
      const cells = (text: string): string[] =>
        [...text.matchAll(/<span class="name">([^<]*)</g)].map((match) => match[1] ?? '');
      const { child, ended } = start([...args, '--out', 'kept'], folder);
      const journal = await finishedImages('kept', 2);
      child.kill(signal);
      const { code, stderr } = await ended;
      if (signal === 'SIGINT') {
        expect(code).toBe(130);
        expect(stderr).toMatch(/interrupted/);
      }
      expect(await readdir(folder)).not.toContain('kept');
      // The worker of a killed command ends by itself.
      await wait(500);
      const before = (await readFile(await journal(), 'utf8')).split('\n').filter((line) => line !== '');
      const resumed = await maskloom([...args, '--out', 'kept', '--resume'], folder);
      expect(resumed.code).toBe(0);
      expect((await maskloom([...args, '--out', 'whole'], folder)).code).toBe(0);
      const [kept, whole] = await Promise.all(
        ['kept', 'whole'].map(async (out) => ({
          predictions: predictionsSchema.parse(
            JSON.parse(await readFile(join(folder, out, 'predictions.json'), 'utf8')),
          ),
          page: await readFile(join(folder, out, 'report.html'), 'utf8'),
        })),
      );
      const timeless = (runs: readonly PredictionRun[] = []) => runs.map(({ stages: _, ...run }) => run);
      expect(timeless(kept?.predictions.runs)).toEqual(timeless(whole?.predictions.runs));
      expect(cells(kept?.page ?? '')).toEqual(cells(whole?.page ?? ''));
      expect(cells(kept?.page ?? '').length).toBe(10);
      // What was done has the times of the first run: it was not done again.
      const first = before
        .slice(1)
        .flatMap((line) => (JSON.parse(line.slice(9)) as { runs: PredictionRun[] }).runs);
      expect(first.length).toBeGreaterThanOrEqual(2);
      expect(kept?.predictions.runs.slice(0, first.length)).toEqual(first);
      expect((await readdir(folder)).sort()).toEqual(['data', 'kept', 'whole']);
      for (const out of ['kept', 'whole']) await rm(join(folder, out), { recursive: true });
    },
  );

  it('what a killed run left is cleared by the next', async () => {
    const { child, ended } = start(
      ['compare', 'data/images', '--text', 'the sky', '--device', 'cpu', '--out', 'out'],
      folder,
    );
    await staged(/^\.out\.maskloom-unfinished-/);
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
