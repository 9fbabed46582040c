import { expect, it } from 'vitest';
import { DeviceQueues } from './device-queues.js';

it('works on each device by itself, one job after the other, within limits of its own', async () => {
  const queues = new DeviceQueues({ perTab: 1, total: 8 });
  const { signal } = new AbortController();
  const log: string[] = [];
  const ends: (() => void)[] = [];
  const run = (device: 'cpu' | 'cuda', name: string): Promise<void> =>
    queues.of(device).run(
      'tab',
      () =>
        new Promise<void>((resolve) => {
          log.push(name);
          ends.push(resolve);
        }),
      signal,
    );
  const jobs = [run('cpu', 'cpu 1'), run('cpu', 'cpu 2'), run('cuda', 'cuda 1')];
  await expect(run('cpu', 'cpu 3')).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  expect(log).toEqual(['cpu 1', 'cuda 1']);
  expect([queues.waiting, queues.busy]).toEqual([1, true]);
  ends[0]?.();
  await jobs[0];
  expect(log).toEqual(['cpu 1', 'cuda 1', 'cpu 2']);
  for (const end of ends) end();
  await Promise.all(jobs);
  expect([queues.waiting, queues.busy]).toEqual([0, false]);
});
