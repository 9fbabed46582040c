import { expect, it } from 'vitest';
import { jsonPieces } from './json-pieces.js';

const VALUES = [
  {},
  { none: [], nothing: undefined, name: 'a\nb "c"', nested: { list: [1, { x: [] }], deep: { y: null } } },
  {
    schema: 'x/2',
    runs: [{ a: [1, 2], b: {} }, 'text', null, [[]]],
    failures: [{ message: 'line\r\nbreak' }],
  },
];

it.each(VALUES)('gives the text of JSON.stringify: %j', (value) => {
  for (const indent of [0, 1, 2])
    expect([...jsonPieces(value, indent)].join('')).toBe(JSON.stringify(value, undefined, indent));
});

it('gives a list element by element', () => {
  const runs = Array.from({ length: 50 }, (_, n) => ({ text: 'x'.repeat(100), n }));
  const pieces = [...jsonPieces({ runs }, 1)];
  expect(pieces.length).toBeGreaterThan(50);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(200);
});
