import { expect, it } from 'vitest';
import { optionWords } from './option-words.js';

it('gives the options that are there as words, in order', () => {
  const given = { data: 'scenes', count: 0, system: ['a', 'b'], strict: true, json: false, size: undefined };
  expect(optionWords(given)).toEqual(['--data scenes', '--count 0', '--system a,b', '--strict']);
});
