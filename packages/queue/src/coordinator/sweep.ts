import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { ANSWERS, PREFIX } from '../protocol/names.js';
import type { GroupBook, OpenGroup } from './group-book.js';

/** A group is not missed before it has been away this long: an answer may be on its way. */
const GRACE_MS = 1000;
/** Failed groups that are read at a time. */
const READ = 100;

/** What a sweep works on, and whom it tells. */
export interface SweepOptions {
  readonly groups: Queue;
  readonly redis: Redis;
  readonly book: GroupBook;
  /** Times that a group is put into the queue without any of its units getting an outcome. */
  readonly tries: number;
  /** A group will get no result. */
  readonly giveUp: (group: OpenGroup, reason: string) => void;
  /** Groups are to be put into the queue again. */
  readonly again: (lost: readonly OpenGroup[]) => Promise<void>;
  /** Something in the queue is not of this run. */
  readonly stranger: (reason: string) => void;
}

/** Settles groups that failed, and finds those that are in the queue no more although units of theirs have no outcome. */
export async function sweep(options: SweepOptions): Promise<void> {
  const { groups, book, giveUp, stranger } = options;
  for (const job of await groups.getJobs(['failed'], 0, READ - 1)) {
    const group = job.id === undefined ? undefined : book.get(job.id);
    const reason = job.failedReason ?? 'no reason';
    await job.remove();
    if (group === undefined) stranger(`What was no group of this run was removed: ${reason.slice(0, 300)}`);
    else giveUp(group, `No worker finished it: ${reason.slice(0, 1000)}`);
  }
  const lost = await missing(options);
  const left: OpenGroup[] = [];
  for (const group of lost) {
    group.queued = performance.now();
    if (group.tries++ < options.tries) left.push(group);
    else giveUp(group, group.refusal ?? `It came back without an answer ${options.tries} times.`);
  }
  await options.again(left);
}

/** Groups that are gone, while no answer waits that could be theirs. */
async function missing({ redis, groups, book }: SweepOptions): Promise<readonly OpenGroup[]> {
  const old = book.olderThan(GRACE_MS);
  if (old.length === 0) return [];
  const found = await redis.pipeline(old.map(({ id }) => ['exists', groups.toKey(id)])).exec();
  const gone = old.filter((_, i) => found?.[i]?.[0] === null && found[i][1] === 0);
  if (gone.length === 0) return [];
  // Read after the groups: answers come before their group goes.
  const answers = new Queue(ANSWERS, { connection: redis, prefix: PREFIX });
  answers.on('error', () => undefined);
  const waiting = await answers.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized');
  await answers.close();
  return waiting > 0 ? [] : gone.filter(({ id }) => book.get(id) !== undefined);
}
