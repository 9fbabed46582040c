import { describe, expect, it } from 'vitest';
import { parseDevice, parseList, parseSize, parseTask, parseWhole } from './parse.js';
import { parsePrompts } from './prompt-kind.js';

describe('options', () => {
  it('are parsed', () => {
    expect(parseList(' a, b,,c ')).toEqual(['a', 'b', 'c']);
    expect(parsePrompts('shape-size')).toBe('shape-size');
    expect(parseSize('128')).toEqual({ width: 128, height: 128 });
    expect(parseSize('160x96')).toEqual({ width: 160, height: 96 });
    expect(parseWhole('--count', 1)('12')).toBe(12);
  });

  it.each([
    [() => parseTask('refering'), 'OPTION_INVALID', "'referring'"],
    [() => parsePrompts('color'), 'OPTION_INVALID', "'colour'"],
    [() => parseDevice('gpu'), 'DEVICE_UNKNOWN', "'cpu'"],
    [() => parseSize('160x'), 'OPTION_INVALID', '160x96'],
    [() => parseWhole('--count', 1)('0'), 'OPTION_INVALID', '--count'],
    [() => parseWhole('--seed', 0)('1.5'), 'OPTION_INVALID', '--seed'],
    [() => parseWhole('--seed', 0)(''), 'OPTION_INVALID', '--seed'],
  ])('are refused with a hint (%#)', (parse, code, hint) => {
    expect(parse).toThrow(expect.objectContaining({ code, message: expect.stringContaining(hint) }));
  });
});
