import { describe, expect, it } from 'vitest';
import { labelBefore } from './segment-labels.js';

describe('labelBefore', () => {
  it.each([
    ['the red star', 'the red star'],
    ['and the blue ring', 'the blue ring'],
    [', and the blue ring:', 'the blue ring'],
    ['<im_end> then the sand castle', 'the sand castle'],
    ['the cat:[REJ], the dog:', 'the dog'],
    ['the island', 'the island'],
    ['the hill it is on', 'the hill it is on'],
  ])('%j names the mask', (before, label) => {
    expect(labelBefore(before, 'query')).toBe(label);
  });

  it.each(['.', ' ', 'yes ', 'yes,', '<', '<a', 'and ', '.a', 'it is '])(
    'comes to an end over a million letters of %j',
    (part) => {
      const before = `${part.repeat(Math.floor(1_000_000 / part.length))}x`;
      expect(labelBefore(before, 'query').length).toBeLessThanOrEqual(before.length);
    },
  );

  it.each(['', ' ', 'It is', 'Yes, it is', 'Sure,', 'Sure, the segmentation result is', 'and', '.', 'Yes'])(
    '%j says nothing about the mask: the query names it',
    (before) => {
      expect(labelBefore(before, 'query')).toBe('query');
    },
  );
});
