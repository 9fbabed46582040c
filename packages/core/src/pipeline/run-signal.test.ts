import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { runSignal } from './run-signal.js';

describe('runSignal', () => {
  it('is aborted with either signal, by its reason', () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const { signal } = runSignal(one.signal, undefined, two.signal);
    expect(signal.aborted).toBe(false);
    two.abort('second');
    one.abort('first');
    expect(signal.reason).toBe('second');
  });

  it('is aborted from the start when one of them is', () => {
    expect(runSignal(undefined, AbortSignal.abort('before')).signal.reason).toBe('before');
  });

  it('leaves nothing behind on a long-lived signal', () => {
    const { signal } = new AbortController();
    for (let run = 0; run < 5; run++) runSignal(signal).detach();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
