import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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
