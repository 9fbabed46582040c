import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.js';

const forever = new AbortController().signal;
const limits = { perTab: 8, total: 16 };

/** Jobs that note their name when they begin and end when told. */
function bench(queue: FairQueue) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const add = (tab: string, name: string, signal = forever, moved?: (ahead: number) => void) =>
    queue.run(
      tab,
      () => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      },
      signal,
      moved,
    );
  const end = async (name: string): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { begun, add, end };
}

describe('the queue of a device', () => {
  it('lets tabs take turns, whoever asked for how much first', async () => {
    const { begun, add, end } = bench(new FairQueue(limits));
    const all = ['a1', 'a2', 'a3'].map((name) => add('a', name));
    all.push(add('b', 'b1'), add('c', 'c1'), add('b', 'b2'));
    for (const name of ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']) {
      await end(name);
    }
    expect(begun).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
    await Promise.all(all);
  });

  it('tells how many jobs are ahead', async () => {
    const queue = new FairQueue(limits);
    const { add, end } = bench(queue);
    const heard: number[] = [];
    const jobs = [add('a', 'a1'), add('a', 'a2'), add('a', 'a3')];
    // a has its turn already: b comes before a's other two.
    jobs.push(add('b', 'b1', forever, (ahead) => heard.push(ahead)));
    for (const name of ['a1', 'b1', 'a2', 'a3']) await end(name);
    expect(heard).toEqual([1]);
    await Promise.all(jobs);
    expect([queue.waiting, queue.busy]).toEqual([0, false]);
  });

  it('refuses what is too much, of one tab and of all', async () => {
    const queue = new FairQueue({ perTab: 2, total: 3 });
    const { add } = bench(queue);
    void add('a', 'runs');
    void add('a', 'a1');
    void add('a', 'a2');
    await expect(add('a', 'a3')).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    void add('b', 'b1');
    await expect(add('c', 'c1')).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  });

  it('forgets at once what is taken back while it waits, and goes on when work fails', async () => {
    const queue = new FairQueue(limits);
    const { begun, add, end } = bench(queue);
    const stop = new AbortController();
    const failing = queue.run('a', () => Promise.reject(new Error('broken')), forever);
    const taken = add('a', 'taken', stop.signal);
    const last = add('b', 'last');
    stop.abort();
    await expect(taken).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(failing).rejects.toThrow('broken');
    await end('last');
    await last;
    expect(begun).toEqual(['last']);
    await expect(add('a', 'late', stop.signal)).rejects.toMatchObject({ code: 'ABORTED' });
    expect(queue.waiting).toBe(0);
  });
});
