import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLine, trimEndOf, trimOf } from './trim.js';

/** Short texts of few characters, wide ones and halves of them among these. */
const text = fc
  .array(fc.constantFrom('a', ' ', ',', '\n', '😀', '\ud83d', '\ude00'))
  .map((all) => all.join(''));

describe('trimOf and trimEndOf', () => {
  it('cut whole characters of the kind, and nothing else', () => {
    fc.assert(
      fc.property(text, (given) => {
        const points = Array.from(given);
        while (/[ ,😀]/u.test(points.at(-1) ?? '')) points.pop();
        expect(trimEndOf(given, /[ ,😀]/u)).toBe(points.join(''));
        while (/[ ,😀]/u.test(points[0] ?? '')) points.shift();
        expect(trimOf(given, /[ ,😀]/u)).toBe(points.join(''));
      }),
    );
  });

  it('look at each character once: a million of them before one that stays', () => {
    let looked = 0;
    const counting = { test: (one: string) => (looked++, one === ' ') } as unknown as RegExp;
    expect(trimEndOf(`${' '.repeat(1_000_000)}a`, counting)).toHaveLength(1_000_001);
    expect(looked).toBe(1);
    expect(trimOf(`${' '.repeat(1_000_000)}a${' '.repeat(1_000_000)}`, counting)).toBe('a');
    expect(looked).toBe(1 + 2_000_002);
  });
});

describe('oneLine', () => {
  it('joins lines by one blank', () => {
    expect(oneLine('  a b \n\n \n  c\r\n')).toBe('a b c');
    expect(oneLine(`a${' '.repeat(1_000_000)}b`)).toHaveLength(1_000_002);
  });
});
