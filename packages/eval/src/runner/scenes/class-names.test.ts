import fc from 'fast-check';
import { expect, it } from 'vitest';
import { askedNames } from './class-names.js';

it('takes the first name that no earlier class has, else a number', () => {
  expect(
    askedNames(['screen;silver', 'wall', 'Screen;CRT;screen', 'wall', 'wall, partition', 'WALL']),
  ).toEqual(['screen', 'wall', 'CRT', 'wall (2)', 'partition', 'WALL (3)']);
});

it('gives different names whatever the classes are called', () => {
  const name = fc.array(fc.constantFrom('a', 'A', 'b', 'a (2)', '', ' '), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(name), (names) => {
      const asked = askedNames(names.map((parts) => parts.join(';')));
      expect(asked).toHaveLength(names.length);
      expect(new Set(asked.map((one) => one.toLowerCase())).size).toBe(names.length);
    }),
  );
});
