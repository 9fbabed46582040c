import { getEventListeners } from 'node:events';
import { MaskloomError } from '@maskloom/core';
import { describe, expect, it } from 'vitest';
import { CallQueue } from './call-queue.js';

/** A call that ends when told. */
function manual() {
  let end: () => void = () => {};
  const started: { value: boolean } = { value: false };
  const done = new Promise<void>((resolve) => (end = resolve));
  return { started, end, work: () => ((started.value = true), done) };
}
/** Does work when its turn comes, as the engine does. */
async function inTurn<T>(queue: CallQueue, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  await queue.enter(signal);
  try {
    return await work();
  } finally {
    queue.leave();
  }
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('CallQueue', () => {
  it('runs calls in order, a few at once', async () => {
    const queue = new CallQueue(2, 10);
    const calls = [manual(), manual(), manual(), manual()];
    const running = calls.map((call) => inTurn(queue, call.work));
    await turn();
    expect(calls.map((call) => call.started.value)).toEqual([true, true, false, false]);
    calls[1]?.end();
    await running[1];
    await turn();
    expect(calls.map((call) => call.started.value)).toEqual([true, true, true, false]);
    for (const call of calls) call.end();
    await Promise.all(running);
    expect(queue.length).toBe(0);
  });

  it('refuses what is past the bound, and takes calls again later', async () => {
    const queue = new CallQueue(1, 1);
    const first = manual();
    const running = [inTurn(queue, first.work), inTurn(queue, async () => 'second')];
    await expect(inTurn(queue, async () => 'third')).rejects.toMatchObject({
      code: 'MODEL_RUN_FAILED',
      where: 'maxQueue',
    });
    first.end();
    expect(await running[1]).toBe('second');
    expect(await inTurn(queue, async () => 'fourth')).toBe('fourth');
  });

  it('lets a waiting call leave when it is aborted; the others keep their turn', async () => {
    const queue = new CallQueue(1, 10);
    const first = manual();
    const controller = new AbortController();
    const running = inTurn(queue, first.work);
    const second = manual();
    const leaving = inTurn(queue, second.work, controller.signal);
    const third = inTurn(queue, async () => 'third');
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(leaving).rejects.toMatchObject({ code: 'ABORTED', cause: reason });
    first.end();
    await running;
    expect(await third).toBe('third');
    expect(second.started.value).toBe(false);
  });

  it('lets any number of calls wait on one signal behind one listener, and leaves none', async () => {
    const queue = new CallQueue(1, 50);
    const first = manual();
    const controller = new AbortController();
    const running = inTurn(queue, first.work);
    const waiting = Array.from({ length: 30 }, (_, i) => inTurn(queue, async () => i, controller.signal));
    await turn();
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    first.end();
    await running;
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('does not start a call that was aborted before', async () => {
    const call = manual();
    await expect(inTurn(new CallQueue(1, 1), call.work, AbortSignal.abort())).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(call.started.value).toBe(false);
  });

  it('goes on after a call that fails', async () => {
    const queue = new CallQueue(1, 10);
    const failing = inTurn(queue, () => Promise.reject(new Error('no')));
    const next = inTurn(queue, async () => 'next');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('next');
  });

  it('refuses everything once closed, with the reason', async () => {
    const queue = new CallQueue(1, 10);
    const first = manual();
    const running = inTurn(queue, first.work);
    const waiting = inTurn(queue, async () => 'never');
    const reason = new MaskloomError('DISPOSED', 'closed');
    queue.close(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(inTurn(queue, async () => 'never')).rejects.toBe(reason);
    first.end();
    await running;
  });
});
