import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ListScanner } from './list-scanner.js';

/** Text that would lead astray whoever took what is in a string for brackets. */
const tricky = fc.array(fc.constantFrom('"', '\\', '[', ']', '{', '}', ',', ':', 'ä', 'wanted'), {
  maxLength: 6,
});
const text = tricky.map((parts) => parts.join(''));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }),
  ),
}));

it('finds the items of lists and their places, wherever the pieces of a file are cut', () => {
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 4 }),
      fc.array(value, { maxLength: 4 }),
      value,
      fc.array(fc.nat(30), { maxLength: 40 }),
      (images, annotations, other, cuts) => {
        const whole = { before: other, images, nested: { images: [other] }, left: [other], annotations };
        const bytes = Buffer.from(JSON.stringify(whole));
        const scanner = new ListScanner('file', ['annotations', 'images']);
        const found: Record<string, unknown[]> = { images: [], annotations: [] };
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const next = Math.min(bytes.length, at + 1 + (cuts[i % cuts.length] ?? 50));
          for (const { key, index, value: item, start, end } of scanner.feed(bytes.subarray(at, next))) {
            expect(index).toBe((found[key]?.push(item) ?? 0) - 1);
            expect(JSON.parse(bytes.toString('utf8', start, end))).toEqual(item);
          }
          at = next;
        }
        scanner.finish();
        expect(found).toEqual({ images, annotations });
      },
    ),
    { numRuns: 500 },
  );
});
