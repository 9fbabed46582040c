import { describe, expect, it } from 'vitest';
import type { Box } from '../domain/frames.js';
import { readInstruction } from './read-instruction.js';
import { whichSegment } from './which-segment.js';
import { resolveInstruction } from './resolve-instruction.js';
import type { Prediction, Segment } from '../domain/prediction.js';

const segment = (label: string, bbox: Segment['bbox'], score = 0.5): Segment => ({
  label,
  score,
  bbox,
  area: bbox[2] * bbox[3],
  mask: { size: [10, 10], counts: '' },
});
const found = [
  segment('ring', [0, 0, 4, 4]),
  segment('red star', [5, 5, 4, 4]),
  segment('ring', [5, 0, 3, 3], 0.9),
];
const box = (x: number, y: number, width: number, height: number): Box<'ImagePx'> => ({
  frame: 'ImagePx',
  x,
  y,
  width,
  height,
});
const prediction = (segments: readonly Segment[], last?: number): Prediction => ({
  system: 's',
  recipe: 'r',
  request: { task: 'free' },
  answer: '',
  segments,
  stages: [],
  warnings: [],
  ...(last === undefined ? {} : { refinement: { by: 'x', situation: 'mask', say: '', segment: last } }),
});

describe('readInstruction', () => {
  it.each([
    ['This is not a ring, it is a cross.', { wrong: 'ring', name: 'cross' }],
    ['It is not a ring but a small star', { wrong: 'ring', name: 'small star' }],
    ["that isn't an open gate; it should be a fence", { wrong: 'open gate', name: 'fence' }],
    ['you said ring, and that is wrong', { wrong: 'ring' }],
    ['The category is wrongly predicted as ring, please fix this.', { wrong: 'ring' }],
    ['not ring, it’s a cross', { wrong: 'ring', name: 'cross' }],
    ['the name is wrong, call it cross', { name: 'cross' }],
    ['there is no star here', { wrong: 'star' }],
    ['this is a cross, not a ring', { wrong: 'ring', name: 'cross' }],
    ['not the ring but the cross', { wrong: 'ring', name: 'cross' }],
    ['No, it is a cross', { name: 'cross' }],
    ['no, this is a small cross.', { name: 'small cross' }],
    ['call it a cross', { name: 'cross' }],
    ['rename it to cross', { name: 'cross' }],
    ['change the name to cross', { name: 'cross' }],
    ['the label should be cross', { name: 'cross' }],
    ['this should be called a cross', { name: 'cross' }],
    ['it should be a cross', { name: 'cross' }],
    ['the ring is actually a cross', { name: 'cross' }],
  ])('reads a wrong name from "%s"', (words, names) => {
    expect(readInstruction(words, found)).toEqual({ situation: 'category', ...names });
  });

  it.each([
    'the mask is incomplete',
    'the mask is not right',
    'This is not complete.',
    'you missed a part of it',
    'it has holes',
    'the mask is missing a piece',
    'The name is right, but the mask is not.',
    'make it larger',
    'too small!',
    'it should be larger',
    'no, redraw it',
    'that is not a mask of the star, it is too big',
    'it is really too wide',
  ])('takes "%s" to be about a mask', (words) => {
    expect(readInstruction(words, found)).toEqual({ situation: 'mask' });
  });

  it.each([
    'you missed the thing in this box',
    'something is missing here',
    'there is one more',
    'it has no mask',
    'no mask here',
    'There is no mask on the star',
    'add the star',
  ])('takes "%s" to be about something missed', (words) => {
    expect(readInstruction(words, found)).toEqual({ situation: 'missed' });
  });

  it('takes a box that no segment touches for something missed', () => {
    expect(readInstruction('look here', found, box(0, 6, 3, 3)).situation).toBe('missed');
    expect(readInstruction('look here', found, box(0, 0, 4, 4)).situation).toBe('mask');
  });
});

describe('whichSegment', () => {
  it('goes by the given segment, the box, the wrong name, the label in the words, the last one', () => {
    const all = prediction(found);
    expect(whichSegment(all, { say: 'fix it', segment: 1, box: box(0, 0, 4, 4) })).toBe(1);
    expect(whichSegment(all, { say: 'fix the red star', box: box(0, 0, 4, 4) })).toBe(0);
    expect(whichSegment(all, { say: 'this is not a ring', wrong: 'ring' })).toBe(2);
    // The box touches all three; of those with the wrong name it overlaps the first one more.
    const wide = box(0, 0, 9, 9);
    expect(whichSegment(all, { say: 'this is not a ring', wrong: 'ring', box: wide })).toBe(0);
    expect(whichSegment(all, { say: 'not a circle', wrong: 'circle', box: box(5, 4, 4, 5) })).toBe(1);
    expect(whichSegment(all, { say: 'the red star has holes' })).toBe(1);
    expect(whichSegment(all, { say: 'the red-star: again' })).toBe(1);
    expect(whichSegment(prediction(found, 0), { say: 'still wrong' })).toBe(0);
    expect(whichSegment(prediction(found.slice(1, 2)), { say: 'fix it' })).toBe(0);
  });

  it('asks back when nothing decides', () => {
    expect(() => whichSegment(prediction(found), { say: 'fix it' })).toThrow(
      /Which of 3 segments.*1: red star/,
    );
    // A name inside of another word is not that name.
    expect(() => whichSegment(prediction(found), { say: 'the strings' })).toThrow(/Which of 3/);
    expect(() => whichSegment(prediction([]), { say: 'fix it' })).toThrow(/no segment to refine/);
  });
});

describe('resolveInstruction', () => {
  it('fills in what is left open and keeps what is given', () => {
    expect(resolveInstruction(prediction(found), { say: 'wrong name', segment: 1 })).toEqual({
      say: 'wrong name',
      situation: 'category',
      segment: 1,
      wrong: 'red star',
    });
    expect(
      resolveInstruction(prediction(found), { say: 'this is not a ring', situation: 'mask' }),
    ).toMatchObject({
      situation: 'mask',
      segment: 0,
    });
    expect(resolveInstruction(prediction([]), { say: 'you missed it', box: box(1, 1, 2, 2) })).toEqual({
      say: 'you missed it',
      box: box(1, 1, 2, 2),
      situation: 'missed',
    });
  });
});
