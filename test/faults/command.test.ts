import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writePng } from '@maskloom/runtime';
import { COMMAND, sceneImage, temporaryFolder } from './workbench.js';

const IMAGES = 40;
let place: Awaited<ReturnType<typeof temporaryFolder>>;
let images: string;
beforeAll(async () => {
  place = await temporaryFolder();
  images = join(place.path, 'images');
  await mkdir(images);
  for (let i = 0; i < IMAGES; i++) {
    const image = sceneImage(8_941_000 + i, 128, 128);
    await writePng(join(images, `${i}.png`), image.rgb, image);
  }
});
afterAll(() => place[Symbol.asyncDispose]());

const compareArgs = (out: string, ...inputs: readonly string[]): readonly string[] => [
  COMMAND,
  'compare',
  ...(inputs.length === 0 ? [images] : inputs),
  ...['--text', 'the red star', '--systems', 'read/points', '--device', 'cpu', '--out', out],
];

describe('the command is killed in the middle (SIGKILL)', () => {
  let parent: string;
  let round = 0;
  beforeEach(async () => {
    parent = join(place.path, `killed-${round++}`);
    await mkdir(parent);
  });

  it('no output folder appears, and the next run clears up and finishes', async () => {
    const out = join(parent, 'report');
    await killInTheMiddle(out, parent);
    expect((await readdir(parent)).filter((name) => !name.startsWith('.'))).toEqual([]);
    const { status, stderr } = spawnSync(process.execPath, compareArgs(out, join(images, '0.png')), {
      encoding: 'utf8',
    });
    expect(stderr).not.toContain('OUTPUT');
    expect(status).toBe(0);
    expect(await readdir(parent)).toEqual(['report']);
    await expectWhole(out, 1);
  });

  it('what an earlier run wrote stays as it was, to the byte', async () => {
    const out = join(parent, 'report');
    expect(spawnSync(process.execPath, compareArgs(out, join(images, '0.png'))).status).toBe(0);
    await writeFile(join(out, 'notes.txt'), 'mine');
    const before = await contents(out);
    await killInTheMiddle(out, out);
    expect(await contents(out)).toEqual(before);
    expect(spawnSync(process.execPath, compareArgs(out, join(images, '1.png'))).status).toBe(0);
    await expectWhole(out, 1);
    expect(await readFile(join(out, 'notes.txt'), 'utf8')).toBe('mine');
    expect((await readdir(out)).filter((name) => name.includes('unfinished'))).toEqual([]);
  });

  /** Kills the comparison when the first results lie in its staging folder within `within`. */
  async function killInTheMiddle(out: string, within: string): Promise<void> {
    const child = spawn(process.execPath, compareArgs(out), { stdio: 'ignore' });
    const ended = once(child, 'exit') as Promise<readonly [number | null, string | null]>;
    await stagedResults(within, child);
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
  }
});

/** Waits until an image is done. */
async function stagedResults(within: string, child: ChildProcess): Promise<void> {
  for (let i = 0; i < 6000; i++) {
    if (child.exitCode !== null)
      throw new Error(`It ended before it could be killed (exit code ${child.exitCode}).`);
    const names = await readdir(within).catch(() => []);
    const staging = names.find((name) => name.includes('maskloom-unfinished-'));
    if (staging !== undefined) {
      const journal = await readFile(join(within, staging, '.journal.jsonl'), 'utf8').catch(() => '');
      if (journal.split('\n').length > 2) return;
    }
    await wait(20);
  }
  throw new Error('No result was staged.');
}

async function expectWhole(out: string, runs: number): Promise<void> {
  const predictions = JSON.parse(await readFile(join(out, 'predictions.json'), 'utf8')) as {
    runs: readonly unknown[];
  };
  expect(predictions.runs).toHaveLength(runs);
  expect(await readFile(join(out, 'report.html'), 'utf8')).toMatch(/<\/html>\s*$/);
}

/** Every file of a folder that is not staged, with its bytes. */
async function contents(folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
    if (entry.isFile() && !path.includes('unfinished')) {
      found.set(path, await readFile(join(folder, path), 'base64'));
    }
  }
  return found;
}

/** A file system of 300 kB, where this machine lets us mount one. */
function mountSmall(at: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', at]).status === 0;
}

describe('the output cannot be written', () => {
  it('below a file', async () => {
    const file = join(place.path, 'file');
    await writeFile(file, 'mine');
    for (const out of [file, join(file, 'report')]) {
      const { status, stderr, stdout } = spawnSync(
        process.execPath,
        compareArgs(out, join(images, '0.png')),
        {
          encoding: 'utf8',
        },
      );
      expect(status).toBe(1);
      expect(stderr).toMatch(/^maskloom: OUTPUT_UNWRITABLE: .*\n$/);
      expect(stdout).toBe('');
    }
    expect(await readFile(file, 'utf8')).toBe('mine');
  });

  it('in a folder that holds a report of other origin', async () => {
    const out = join(place.path, 'foreign');
    await mkdir(out);
    await writeFile(join(out, 'report.html'), 'mine');
    const { status, stderr } = spawnSync(process.execPath, compareArgs(out, join(images, '0.png')), {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toContain('OUTPUT_UNWRITABLE');
    expect(await readdir(out)).toEqual(['report.html']);
    expect(await readFile(join(out, 'report.html'), 'utf8')).toBe('mine');
  });

  it('because the disk is full: an error, and nothing half-written', async (context) => {
    const disk = join(place.path, 'disk');
    await mkdir(disk);
    if (!mountSmall(disk)) context.skip('needs the right to mount a small tmpfs');
    try {
      for (const out of [disk, join(disk, 'new', 'report')]) {
        const { status, stderr } = spawnSync(process.execPath, compareArgs(out), { encoding: 'utf8' });
        expect(stderr).toMatch(/OUTPUT_UNWRITABLE: .*ENOSPC/);
        expect(status).toBe(1);
        expect(await readdir(disk), out).toEqual([]);
      }
      const synth = ['data', 'synth', '--out', join(disk, 'synth'), '--count', '400', '--seed', '8942000'];
      const { status, stderr } = spawnSync(process.execPath, [COMMAND, ...synth], { encoding: 'utf8' });
      expect(stderr).toMatch(/OUTPUT_UNWRITABLE/);
      expect(status).toBe(1);
      expect(await readdir(disk)).toEqual([]);
      expect((await stat(disk)).isDirectory()).toBe(true);
    } finally {
      spawnSync('umount', ['-l', disk]);
    }
  });
});
