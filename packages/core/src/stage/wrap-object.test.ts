import { describe, expect, it } from 'vitest';
import { wrapObject } from './wrap-object.js';

class Counter {
  #count = 0;
  readonly name = 'counter';
  plain = 1;
  get count(): number {
    return this.#count;
  }
  add(by: number): number {
    return (this.#count += by);
  }
  twice(by: number): number {
    return this.add(by) + this.add(by);
  }
}

describe('wrapObject', () => {
  it('intercepts the chosen methods only, and keeps this and private fields', () => {
    const seen: unknown[] = [];
    const counter = new Counter();
    const wrapped = wrapObject(counter, ['add'], (method, args, call) => {
      seen.push([method, ...args]);
      return call([Number(args[0]) * 10]);
    });
    expect(wrapped.add(1)).toBe(10);
    expect(wrapped.twice(1)).toBe(23);
    expect(wrapped.count).toBe(12);
    expect(seen).toEqual([['add', 1]]);
    expect(wrapped).toBeInstanceOf(Counter);
    expect(wrapped.add).toBe(wrapped.add);
    expect('name' in wrapped && !('nothing' in wrapped)).toBe(true);
    wrapped.plain = 5;
    expect(counter.plain).toBe(5);
  });

  it('works on frozen objects', () => {
    const wrapped = wrapObject(
      Object.freeze({ hello: (name: string) => `hello ${name}` }),
      ['hello'],
      (_, args, call) => `${String(call(args))}!`,
    );
    expect(wrapped.hello('you')).toBe('hello you!');
  });
});
