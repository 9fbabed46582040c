import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OWNER_TAG } from '@maskloom/core';
import { openRunResults } from '@maskloom/eval';
import { describe, expect, it } from 'vitest';
import { begunUnits, ledgerKeys, startToy } from './eval-toy/start.js';
import { temporaryFolder } from './workbench.js';

interface Outcome {
  readonly done: number;
  readonly total: number;
  readonly dropped: number;
  readonly failures: readonly {
    readonly image: string;
    readonly recipe: string;
    readonly code: string;
    readonly message: string;
  }[];
}

const outcomeOf = (folder: string): Outcome =>
  JSON.parse(readFileSync(join(folder, 'outcome.json'), 'utf8')) as Outcome;
const trouble = (what: object): Record<string, string> => ({ TOY_TROUBLE: JSON.stringify(what) });

describe('an evaluation run in trouble', () => {
  it('loses only the units of a corrupt image, and says so', async () => {
    await using place = await temporaryFolder();
    const folder = join(place.path, 'run');
    const run = startToy({ folder, scenes: 10, env: trouble({ corrupt: 3 }) });
    expect(await run.ended).toMatchObject({ code: 1 });
    const { done, total, failures } = outcomeOf(folder);
    expect([done, total]).toEqual([36, 40]);
    expect(failures.map(({ image, code }) => `${image} ${code}`)).toEqual(
      Array(4).fill('3 IMAGE_UNREADABLE'),
    );
  });

  it('survives a native abort: one unit is lost, after a second attempt, with the signal as its reason', async () => {
    await using place = await temporaryFolder();
    const folder = join(place.path, 'run');
    expect(await startToy({ folder, scenes: 10, env: trouble({ abort: '4 2' }) }).ended).toMatchObject({
      code: 1,
    });
    const { done, failures } = outcomeOf(folder);
    expect(done).toBe(39);
    expect(failures).toMatchObject([{ image: '4', recipe: 'toy/2', code: 'WORKER_CRASHED' }]);
    expect(failures[0]?.message).toContain('SIGABRT');
    const begun = begunUnits(folder);
    expect(begun.filter((unit) => unit === '4 2')).toHaveLength(2);
    expect(begun).toHaveLength(41);
    // What failed is tried again, what is done is not.
    expect(await startToy({ folder, scenes: 10 }).ended).toMatchObject({ code: 0 });
    expect(begunUnits(folder)).toHaveLength(42);
    expect(outcomeOf(folder).failures).toEqual([]);
  });

  // RLIMIT_FSIZE stands for a full disk: the file system refuses to let the ledger grow.
  it('goes on when the disk is full: what cannot be written is listed, the rest of the ledger stays', async () => {
    await using place = await temporaryFolder();
    const folder = join(place.path, 'run');
    const full = startToy({ folder, scenes: 20, before: 'ulimit -f 24', env: { TOY_BYTES: '400' } });
    const ended = await full.ended;
    expect(ended, ended.stderr).toMatchObject({ code: 1 });
    const { done, total, failures } = outcomeOf(folder);
    expect(total).toBe(80);
    expect(done).toBeGreaterThan(10);
    expect(failures).toHaveLength(total - done);
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['OUTPUT_UNWRITABLE']));
    expect(ledgerKeys(folder)).toHaveLength(done);
    expect(await startToy({ folder, scenes: 20, env: { TOY_BYTES: '400' } }).ended).toMatchObject({
      code: 0,
    });
    expect(ledgerKeys(folder)).toHaveLength(80);
    expect(begunUnits(folder)).toHaveLength(160 - done);
  });

  it('computes torn and damaged lines anew', async () => {
    await using place = await temporaryFolder();
    const folder = join(place.path, 'run');
    await startToy({ folder, scenes: 10 }).ended;
    const table = readFileSync(join(folder, 'table.json'), 'utf8');
    const ledger = join(folder, 'ledger.jsonl');
    const bytes = readFileSync(ledger);
    bytes[bytes.indexOf(10) + 60] = (bytes[bytes.indexOf(10) + 60] ?? 0) ^ 1;
    writeFileSync(ledger, bytes);
    truncateSync(ledger, bytes.length - 7);
    expect(await startToy({ folder, scenes: 10 }).ended).toMatchObject({ code: 0 });
    expect(outcomeOf(folder).dropped).toBe(2);
    expect(begunUnits(folder)).toHaveLength(42);
    expect(readFileSync(join(folder, 'table.json'), 'utf8')).toBe(table);
    appendFileSync(ledger, 'deadbeef {"key":"x"');
    expect(await startToy({ folder, scenes: 10 }).ended).toMatchObject({ code: 0 });
    expect(begunUnits(folder)).toHaveLength(42);
  });

  it('refuses a second process, and takes over the lock of one that died', async () => {
    await using place = await temporaryFolder();
    const folder = join(place.path, 'run');
    const first = startToy({ folder, scenes: 20, env: { TOY_MS: '50' } });
    while (first.units() === 0) await delay(5);
    const second = await startToy({ folder, scenes: 20 }).ended;
    expect(second).toMatchObject({ code: 2 });
    expect(second.stderr).toContain(`RUN_BUSY: The run is being worked on by process ${first.child.pid}`);
    first.child.kill('SIGKILL');
    await first.ended;
    expect(await startToy({ folder, scenes: 20 }).ended).toMatchObject({ code: 0 });
    // A number that was given to another process since: the start time tells.
    writeFileSync(
      join(folder, 'run.lock'),
      JSON.stringify({ pid: process.pid, started: 'long ago', host: (await import('node:os')).hostname() }),
    );
    expect(await startToy({ folder, scenes: 20 }).ended).toMatchObject({ code: 0 });
  });

  it('starts a worker again that dies while it opens its models', async () => {
    await using place = await temporaryFolder();
    const folder = join(place.path, 'run');
    const env = trouble({ diesOpening: [1] });
    expect(await startToy({ folder, scenes: 5, env }).ended).toMatchObject({ code: 0 });
    expect(outcomeOf(folder)).toMatchObject({ done: 20, failures: [] });
  });

  it('loses one unit to a worker that dies while it opens its models again and again', async () => {
    await using place = await temporaryFolder();
    const folder = join(place.path, 'run');
    // The first process works until a unit ends it; the two after it do not open.
    const env = trouble({ diesOpening: [2], abort: '2 1' });
    expect(await startToy({ folder, scenes: 5, env }).ended).toMatchObject({ code: 1 });
    const { done, failures } = outcomeOf(folder);
    expect(done).toBe(19);
    expect(failures).toMatchObject([{ image: '2', recipe: 'toy/1', code: 'WORKER_CRASHED' }]);
  });

  it('ends when no worker ever opens its models', async () => {
    await using place = await temporaryFolder();
    const folder = join(place.path, 'run');
    const env = trouble({ diesOpening: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
    const { code, stderr } = await startToy({ folder, scenes: 5, env }).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/^WORKER_CRASHED: .*while it opened its models: SIGABRT/);
  });

  it('leaves a run to another machine until it is told to take it over', async () => {
    await using place = await temporaryFolder();
    const folder = join(place.path, 'run');
    await startToy({ folder, scenes: 2 }).ended;
    const lock = JSON.stringify({ pid: 1, started: 'then', host: 'node-7' });
    writeFileSync(join(folder, 'run.lock'), lock);
    const refused = await startToy({ folder, scenes: 4 }).ended;
    expect(refused.stderr).toMatch(/^RUN_BUSY: .* by process 1 on node-7\. .*--take-over/);
    expect(readFileSync(join(folder, 'run.lock'), 'utf8')).toBe(lock);
    const taken = await startToy({ folder, scenes: 4, env: { TOY_TAKE_OVER: '1' } }).ended;
    expect(taken, taken.stderr).toMatchObject({ code: 0 });
    expect(outcomeOf(folder).done).toBe(16);
    expect(readdirSync(folder)).not.toContain('run.lock');
  });

  it('does not take a run from a process that lives on this machine', async () => {
    await using place = await temporaryFolder();
    const folder = join(place.path, 'run');
    const first = startToy({ folder, scenes: 20, env: { TOY_MS: '50' } });
    while (first.units() === 0) await delay(5);
    const second = await startToy({ folder, scenes: 20, env: { TOY_TAKE_OVER: '1' } }).ended;
    expect(second.stderr).toMatch(/^RUN_BUSY: .*Wait for it/);
    first.child.kill('SIGKILL');
    await first.ended;
  });

  it('does not overwrite a run of a later version', async () => {
    await using place = await temporaryFolder();
    const folder = join(place.path, 'run');
    await startToy({ folder, scenes: 2 }).ended;
    for (const file of ['run.json', 'scenes/toys.json']) {
      const path = join(folder, file);
      const text = readFileSync(path, 'utf8');
      const later = text.replace(/"maskloom\.(run|scenes)\/\d+"/, '"maskloom.$1/99"');
      writeFileSync(path, later);
      const { code, stderr } = await startToy({ folder, scenes: 3 }).ended;
      expect(code).toBe(2);
      expect(stderr).toMatch(/^RUN_INVALID: .*later version of Maskloom/);
      expect(readFileSync(path, 'utf8')).toBe(later);
      writeFileSync(path, text);
    }
  });

  it('removes what killed processes left, and nothing that may be in use', async () => {
    await using place = await temporaryFolder();
    const folder = join(place.path, 'run');
    await startToy({ folder, scenes: 2 }).ended;
    const host = OWNER_TAG.slice(OWNER_TAG.indexOf('-') + 1);
    const dead = `${2 ** 22 + 1}-${host}`;
    const left = [`.run.json.maskloom-partial-${dead}-3`, `run.lock.${dead}`, `run.lock.${dead}-1`];
    const kept = [`.x.maskloom-partial-${OWNER_TAG}-0`, `.y.maskloom-partial-${2 ** 22 + 1}-00000000-0`];
    for (const name of [...left, ...kept]) writeFileSync(join(folder, name), '');
    const scratch = join(folder, 'scenes', `.toys.jsonl.maskloom-partial-${dead}-0`);
    writeFileSync(scratch, '');
    expect(await startToy({ folder, scenes: 2 }).ended).toMatchObject({ code: 0 });
    const names = readdirSync(folder);
    expect(names.filter((name) => left.includes(name))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(kept));
    expect(existsSync(scratch)).toBe(false);
  });

  it.each([
    ['cut short after whole lines', (text: string) => `${text.split('\n').slice(0, 6).join('\n')}\n`],
    ['cut short within a line', (text: string) => text.slice(0, -20)],
    ['altered in one letter', (text: string) => text.replace('question 3', 'question 4')],
    ['longer than it was', (text: string) => text + text.slice(0, text.indexOf('\n') + 1)],
  ])('notices stored scenes that are %s, at the start and when results are read', async (_name, alter) => {
    await using place = await temporaryFolder();
    const folder = join(place.path, 'run');
    await startToy({ folder, scenes: 10 }).ended;
    const scenes = join(folder, 'scenes/toys.jsonl');
    writeFileSync(scenes, alter(readFileSync(scenes, 'utf8')));
    const { code, stderr } = await startToy({ folder, scenes: 10 }).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^RUN_INVALID: The stored scenes are not as they were written: (it holds \d+ scenes, 10 were stored|its checksum does not fit)/,
    );
    await expect(openRunResults(folder)).rejects.toMatchObject({ code: 'RUN_INVALID', where: scenes });
    // As the hint says.
    rmSync(scenes);
    expect(await startToy({ folder, scenes: 10 }).ended).toMatchObject({ code: 0 });
    expect(begunUnits(folder)).toHaveLength(40);
  });

  it('notices a head of the scenes that was altered', async () => {
    await using place = await temporaryFolder();
    const folder = join(place.path, 'run');
    await startToy({ folder, scenes: 10 }).ended;
    const head = join(folder, 'scenes/toys.json');
    writeFileSync(head, readFileSync(head, 'utf8').replace('"count": 10', '"count": 9'));
    const { stderr } = await startToy({ folder, scenes: 10 }).ended;
    expect(stderr).toMatch(/^RUN_INVALID: .*its checksum does not fit/);
  });

  it('keeps out of folders that are no run', async () => {
    await using place = await temporaryFolder();
    const folder = join(place.path, 'mine');
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.txt'), 'everything');
    const { code, stderr } = await startToy({ folder, scenes: 2 }).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('OUTPUT_UNWRITABLE');
    expect(readFileSync(join(folder, 'thesis.txt'), 'utf8')).toBe('everything');
  });
});
