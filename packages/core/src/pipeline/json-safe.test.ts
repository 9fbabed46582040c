import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonSafe } from './json-safe.js';

describe('jsonSafe', () => {
  it('writes what JSON cannot keep as text', () => {
    const cyclic: Record<string, unknown> = { a: 1 };
    cyclic['self'] = cyclic;
    const value = {
      cyclic,
      big: 7n,
      nan: NaN,
      map: new Map([['k', new Set([1])]]),
      bytes: new Float32Array(2),
      at: new URL('file:///x'),
      none: undefined,
      list: [undefined, 1],
      pattern: /a/g,
      named: Math.max,
      date: new Date(0),
    };
    expect(jsonSafe(value)).toEqual({
      cyclic: { a: 1, self: '[cycle]' },
      big: '7',
      nan: 'NaN',
      map: [['k', [1]]],
      bytes: '[Float32Array of 8 bytes]',
      at: 'file:///x',
      list: [null, 1],
      pattern: '/a/g',
      named: '[function max]',
      date: '1970-01-01T00:00:00.000Z',
    });
  });

  it('keeps JSON values as they are, and makes of anything what JSON keeps', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonSafe(value)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withDate: false,
        }),
        (value) => {
          const safe = jsonSafe({ value });
          expect(JSON.parse(JSON.stringify(safe))).toEqual(safe);
        },
      ),
    );
  });
});
