import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { begunUnits, ledgerKeys } from './eval-toy/start.js';
import { describeWithRedis, startRedis, type TestRedis } from './queue/redis.js';
import { coordinate, runHere, tableOf, work } from './queue/toy.js';
import { temporaryFolder } from './workbench.js';

describeWithRedis('a run over a queue', () => {
  let place: Awaited<ReturnType<typeof temporaryFolder>>;
  let redis: TestRedis;
  beforeAll(async () => {
    place = await temporaryFolder();
    redis = await startRedis(join(place.path, 'redis'));
  });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });
  const folder = (name: string): string => join(place.path, name);

  it('gives the tables of the local run to the byte, each unit worked on once', async () => {
    await runHere(folder('here'), 40);
    const run = coordinate(redis.url, { folder: folder('queued'), scenes: 40 });
    const workers = [work(redis.url, folder('a')), work(redis.url, folder('b'), { concurrency: 2 })];
    expect(await run.done).toMatchObject({ done: 160, total: 160, failures: [] });
    expect(await tableOf(folder('queued'))).toBe(await tableOf(folder('here')));
    expect(new Set(ledgerKeys(folder('queued')))).toEqual(new Set(ledgerKeys(folder('here'))));
    const outcomes = await Promise.all(workers.map(({ done }) => done));
    expect(outcomes.reduce((sum, { done }) => sum + done, 0)).toBe(160);
    expect(begunUnits(folder('a')).length + begunUnits(folder('b')).length).toBe(160);
  });
});
