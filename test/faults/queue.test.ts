import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Sealer } from '../../packages/queue/dist/protocol/seal.js';
import { begunUnits, ledgerKeys } from './eval-toy/start.js';
import { describeWithRedis, startRedis, until, type TestRedis } from './queue/redis.js';
import { CODE, coordinate, placeOf, runHere, tableOf, TOKEN, work, workApart } from './queue/toy.js';
import { temporaryFolder } from './workbench.js';

const SCENES = 20;
const UNITS = 4 * SCENES;

describeWithRedis('a run over a queue', () => {
  let place: Awaited<ReturnType<typeof temporaryFolder>>;
  let redis: TestRedis;
  const children = new Set<ReturnType<typeof workApart>>();
  beforeAll(async () => {
    place = await temporaryFolder();
    redis = await startRedis(join(place.path, 'redis'), '--appendfsync', 'always');
    await runHere(folder('here'), SCENES);
  });
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });
  const folder = (name: string): string => join(place.path, name);
  const apart = (name: string, env: Readonly<Record<string, string>>): ReturnType<typeof workApart> => {
    const child = workApart(redis.url, folder(name), env);
    children.add(child);
    return child;
  };
  const begun = (name: string): string => {
    const log = `${folder(name)}.log`;
    return existsSync(log) ? readFileSync(log, 'utf8') : '';
  };
  /** The tables are those of the local run, and every unit is in the ledger once. */
  const asHere = async (name: string): Promise<void> => {
    expect(await tableOf(folder(name))).toBe(await tableOf(folder('here')));
    const keys = ledgerKeys(folder(name));
    expect(keys).toHaveLength(UNITS);
    expect(new Set(keys)).toEqual(new Set(ledgerKeys(folder('here'))));
  };

  it('gives the tables of the local run to the byte, each unit worked on once', async () => {
    const run = coordinate(redis.url, { folder: folder('queued'), scenes: SCENES });
    const workers = [work(redis.url, folder('a')), work(redis.url, folder('b'), { concurrency: 2 })];
    expect(await run.done).toMatchObject({ done: UNITS, total: UNITS, failures: [] });
    await asHere('queued');
    const outcomes = await Promise.all(workers.map(({ done }) => done));
    expect(outcomes.reduce((sum, { done }) => sum + done, 0)).toBe(UNITS);
    expect(`${begun('a')}${begun('b')}`.trim().split('\n')).toHaveLength(UNITS);
    expect(readFileSync(join(folder('queued'), 'ledger.jsonl'), 'utf8')).toContain(`"code":"${CODE}"`);
  });

  it('refuses workers of another token, code or weights, with the reason', async () => {
    const run = coordinate(redis.url, { folder: folder('refusing'), scenes: SCENES });
    await until(async () => run.notes.length === 0 && (await statusOf(redis.url)) > 0);
    const refused = async (
      name: string,
      options: Parameters<typeof work>[2],
      reason: RegExp,
    ): Promise<void> =>
      expect(work(redis.url, folder(name), { name, ...options }).done).rejects.toMatchObject({
        code: 'QUEUE_REFUSED',
        message: expect.stringMatching(reason),
      });
    await refused('stranger', { token: 'another token altogether' }, /another token/);
    await refused('old', { code: 'toy 0' }, /toy 0, the run needs toy 1/);
    const other = async (recipe: string, overrides: object) => ({ recipe, overrides, code: 'patched' });
    await refused('patched', { resolve: other }, /plugins are of another version/);
    await until(() => ['stranger', 'old', 'patched'].every((name) => run.notes.join().includes(name)));
    const good = work(redis.url, folder('good'));
    await run.done;
    await good.done;
    await asHere('refusing');
  });

  it('does nothing with a hostile payload, and counts no answer of a liar', async () => {
    const run = coordinate(redis.url, { folder: folder('hostile'), scenes: SCENES });
    await until(async () => (await statusOf(redis.url)) > 0);
    const connection = { host: '127.0.0.1', port: redis.port };
    const groups = new Queue('groups', { connection, prefix: 'maskloom' });
    const answers = new Queue('answers', { connection, prefix: 'maskloom' });
    const [known] = await groups.getJobs(['waiting'], 0, 0);
    const group = JSON.parse(known?.data.body) as { run: string; id: string; units: { key: string }[] };
    const lie = (by: object) => ({
      run: group.run,
      group: group.id,
      key: group.units[0]?.key,
      outcome: { result: { image: '', ms: 0, devices: ['js'], parts: {}, answers: [] } },
      by: { worker: 'liar', code: CODE, subject: 's'.repeat(43), ...by },
    });
    const sealer = new Sealer(TOKEN);
    const payloads = [
      { scene: 'process.exit(1)' },
      { __proto__: { polluted: true }, constructor: { prototype: { polluted: true } } },
      'require("child_process").execSync("id")',
      new Sealer('another token altogether').close('group', group),
      { body: 'x'.repeat(1_000_000), seal: '0'.repeat(64) },
      sealer.close('group', { ...group, run: 'o'.repeat(43) }),
      sealer.close('group', { ...group, scene: { image: '/etc/passwd' } }),
    ];
    for (const data of payloads) {
      await groups.add('group', data, { lifo: true });
      await answers.add('answer', data);
    }
    await answers.add('answer', sealer.close('answer', lie({ code: 'toy 0' })));
    await answers.add('answer', sealer.close('answer', lie({})));
    const worker = work(redis.url, folder('honest'));
    expect(await run.done).toMatchObject({ failures: [] });
    await worker.done;
    await asHere('hostile');
    expect(run.notes.join('\n')).toMatch(/liar runs toy 0/);
    expect(run.notes.join('\n')).toMatch(/liar has other weights/);
    expect(run.notes.join('\n')).toMatch(/another token, or it was altered/);
    expect({}).not.toHaveProperty('polluted');
    await groups.close();
    await answers.close();
  });

  it('keeps a group while its model runs for many times the lock', async () => {
    const run = coordinate(redis.url, { folder: folder('slow'), scenes: 2, subjects: 1 });
    const workers = [1, 2].map((i) =>
      work(redis.url, folder(`slow ${i}`), { env: { TOY_BLOCKS_MS: '3000' } }),
    );
    expect(await run.done).toMatchObject({ done: 2, failures: [] });
    await Promise.all(workers.map(({ done }) => done));
    expect(`${begun('slow 1')}${begun('slow 2')}`.trim().split('\n')).toHaveLength(2);
  });

  it('loses nothing by a frozen worker, and counts nothing twice when it wakes', async () => {
    const run = coordinate(redis.url, { folder: folder('frozen'), scenes: SCENES });
    const frozen = apart('ice', { TOY_MS: '100' });
    await until(() => begun('ice') !== '');
    frozen.kill('SIGSTOP');
    const other = work(redis.url, folder('warm'), { env: { TOY_MS: '20' } });
    await until(() => begun('warm') !== '');
    await delay(2500);
    frozen.kill('SIGCONT');
    expect(await run.done).toMatchObject({ failures: [] });
    await other.done;
    await asHere('frozen');
  });

  it('reports a group that kills its workers, and finishes the others', async () => {
    const run = coordinate(redis.url, { folder: folder('deadly'), scenes: SCENES, stalls: 1 });
    const trouble = { TOY_TROUBLE: JSON.stringify({ hang: '0 1' }) };
    for (const name of ['victim 1', 'victim 2']) {
      const victim = apart(name, trouble);
      await until(() => /^0 1$/m.test(begun(name)));
      victim.kill('SIGKILL');
      await delay(2500);
    }
    const survivor = work(redis.url, folder('survivor'), { env: trouble });
    const { failures, done } = await run.done;
    await survivor.done;
    expect(done).toBe(UNITS - 3);
    expect(failures.map(({ image, recipe }) => `${image} ${recipe}`)).toEqual([
      '0 toy/1',
      '0 toy/2',
      '0 toy/3',
    ]);
    expect(failures[0]).toMatchObject({ code: 'WORKER_CRASHED', message: expect.stringMatching(/stalled/) });
  });

  it('goes on after Redis and the coordinator were ended in its midst', async () => {
    const options = { folder: folder('ended'), scenes: SCENES };
    const first = coordinate(redis.url, options);
    const worker = work(redis.url, folder('steady'), { env: { TOY_MS: '20' } });
    await until(() => begun('steady') !== '');
    await redis.kill();
    await delay(200);
    await redis.start();
    await delay(300);
    first.stop();
    await expect(first.done).rejects.toMatchObject({ code: 'ABORTED' });
    const second = coordinate(redis.url, options);
    expect(await second.done).toMatchObject({ failures: [] });
    await worker.done;
    await asHere('ended');
  });

  it('puts groups into the queue again that Redis forgot', async () => {
    const run = coordinate(redis.url, { folder: folder('forgotten'), scenes: SCENES });
    await until(async () => (await statusOf(redis.url)) > 0);
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    const worker = work(redis.url, folder('patient'));
    expect(await run.done).toMatchObject({ failures: [] });
    await worker.done;
    await asHere('forgotten');
  });

  it('is for one run at a time', async () => {
    const run = coordinate(redis.url, { folder: folder('one'), scenes: 1 });
    await until(async () => (await statusOf(redis.url)) > 0);
    const second = coordinate(redis.url, { folder: folder('two'), scenes: 1 });
    await expect(second.done).rejects.toMatchObject({
      code: 'QUEUE_BUSY',
      where: expect.stringContaining('one on'),
    });
    run.stop();
    await expect(run.done).rejects.toMatchObject({ code: 'ABORTED' });
    expect(begunUnits(folder('here')).length).toBeGreaterThan(0);
  });
});

/** Groups that wait. */
async function statusOf(url: string): Promise<number> {
  const { QueueControl } = await import('@maskloom/queue');
  await using control = await QueueControl.open(placeOf(url));
  return (await control.status()).waiting;
}
