import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MaskloomError } from './maskloom-error.js';
import { visible } from './visible.js';

describe('visible', () => {
  it.each([
    ['an escape sequence', '\u001b[2Jgone', '\\u001b[2Jgone'],
    ['a window title', '\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
    ['the C1 form of an escape sequence', '\u009b31mred', '\\u009b31mred'],
    ['a carriage return', 'good\rbad', 'good\\u000dbad'],
    ['a line break', 'one\nmaskloom: all is well', 'one\\u000amaskloom: all is well'],
    ['a backspace and a delete', 'a\bb\u007f', 'a\\u0008b\\u007f'],
    ['a direction override', 'photo\u202egnp.exe', 'photo\\u202egnp.exe'],
    ['a direction isolate', '\u2066x\u2069', '\\u2066x\\u2069'],
    ['an invisible space', 'ca\u200bt', 'ca\\u200bt'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['half a pair', 'a\ud83d b', 'a\\ud83d b'],
    ['a tag', 'a\u{e0041}', 'a\\udb40\\udc41'],
  ])('shows %s', (_name, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it.each(['Straße', '猫', 'عربى', 'עברית', 'é', '🏴', '👨\u200d👩\u200d👧', 'a b', 'C:\\new\\table', ''])(
    'leaves %j as it is',
    (text) => {
      expect(visible(text)).toBe(text);
    },
  );

  it('keeps what it is told to', () => {
    expect(visible('a\tb\n\u001b', '\n\t')).toBe('a\tb\n\\u001b');
  });

  it('lets nothing through that a terminal obeys, and keeps JSON the same JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(text)).not.toMatch(
          /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u,
        );
        expect(JSON.parse(visible(JSON.stringify(text)))).toBe(text);
      }),
    );
  });
});

describe('MaskloomError', () => {
  it('has a message without control characters; `where` is as it was', () => {
    const error = new MaskloomError('DATA_INVALID', "There is no '\u001b[31mred'.", {
      where: 'a\u202eb.png',
    });
    expect(error.message).toBe("There is no '\\u001b[31mred'. (at a\\u202eb.png)");
    expect(error.where).toBe('a\u202eb.png');
  });
});
