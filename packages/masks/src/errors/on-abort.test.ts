import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { onAbort } from './on-abort.js';

describe('onAbort', () => {
  it('lets any number wait behind one listener, and leaves none when they have gone', () => {
    const { signal } = new AbortController();
    const ends = Array.from({ length: 30 }, () => onAbort(signal, () => undefined));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const end of ends) end();
    ends[0]?.();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('calls back once, those who left not at all, and at once when it is too late', () => {
    const controller = new AbortController();
    const called: string[] = [];
    const same = (): void => void called.push('same');
    onAbort(controller.signal, same);
    onAbort(controller.signal, same);
    onAbort(controller.signal, () => called.push('left'))();
    const later = onAbort(controller.signal, () => called.push('later'));
    controller.abort();
    later();
    expect(called).toEqual(['same', 'same', 'later']);
    onAbort(controller.signal, () => called.push('late'));
    expect(called.at(-1)).toBe('late');
    onAbort(undefined, () => called.push('never'))();
    expect(called).toHaveLength(4);
  });

  it('can be waited for again by those who come when all others have left', () => {
    const controller = new AbortController();
    const called: string[] = [];
    const first = onAbort(controller.signal, () => called.push('first'));
    first();
    onAbort(controller.signal, () => called.push('second'));
    first();
    controller.abort();
    expect(called).toEqual(['second']);
  });
});
