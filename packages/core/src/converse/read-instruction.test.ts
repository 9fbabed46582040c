import { MaskloomError } from '@maskloom/masks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box } from '../domain/frames.js';
import { readInstruction } from './read-instruction.js';
import { SAYABLE } from './sayable.js';
import { whichSegment } from './which-segment.js';
import { whichSegments } from './which-segments.js';
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
    ['this is not ring', { wrong: 'ring' }],
    ['there is no star here', { wrong: 'star' }],
    ['there is no Stuhl here', { wrong: 'Stuhl' }],
    ['this is a cross, not a ring', { wrong: 'ring', name: 'cross' }],
    ['not the ring but the cross', { wrong: 'ring', name: 'cross' }],
    ['the name is wrong', {}],
    ['the label should be changed', {}],
    ['the label should be something else', {}],
    ['call it something else', {}],
    ['give it another name', {}],
  ])('reads a wrong name from "%s"', (words, names) => {
    expect(readInstruction(words, found)).toEqual({ situation: 'category', ...names });
  });

  it.each([
    ['No, it is a cross', 'cross', 'it'],
    ['no, this is a small cross.', 'small cross', 'this'],
    ['call it a cross', 'cross', 'it'],
    ['call it "Étoile du Nord"', 'Étoile du Nord', 'it'],
    ['call the ring a cross', 'cross', 'the ring'],
    ['call this one the best thing of all', 'best thing of all', 'this one'],
    ['rename it to cross', 'cross', 'it'],
    ['rename to cross', 'cross', ''],
    ['rename the red star to cross', 'cross', 'the red star'],
    ['change the name to cross', 'cross', ''],
    ['the label should be cross', 'cross', ''],
    ['the label of the ring should be cross', 'cross', 'the ring'],
    ['the name is wrong, call it cross', 'cross', 'it'],
    ['this should be called a cross', 'cross', 'this'],
    ['it should be a cross', 'cross', 'it'],
    ['the ring is actually a cross', 'cross', 'the ring'],
    ["that's a cross", 'cross', 'that'],
    ['the label should be red star', 'red star', ''],
  ])('takes "%s" for another name', (words, name, target) => {
    expect(readInstruction(words, found)).toEqual({ situation: 'rename', name, target });
  });

  it.each([
    'this is a mess',
    'it is a bit odd',
    'this is a nice one',
    'that is a pity',
    'the red one is a problem',
    'this is a mask of something',
    'the label should be hidden',
  ])('names nothing by "%s"', (words) => {
    expect(() => readInstruction(words, found)).toThrow(/is not understood|cannot be without a name/);
  });

  it.each([
    'the label should be removed',
    'delete the label',
    'The name must be deleted!',
    'remove its name',
  ])('refuses "%s" and says what can be done', (words) => {
    expect(() => readInstruction(words, found)).toThrow(/cannot be without a name.*"delete it".*"call it X"/);
  });

  it.each([
    'the mask is incomplete',
    'the mask is not right',
    'This is not complete.',
    'you missed a part of it',
    'it has holes',
    'remove the holes',
    'delete the part on the left',
    'there is too much in the mask, take it out',
    'the mask is missing a piece',
    'The name is right, but the mask is not.',
    'the mask is too large, make it fit',
    'no, redraw it',
    'it is really too wide',
    'this is wrong',
  ])('takes "%s" to be about a mask', (words) => {
    expect(readInstruction(words, found)).toEqual({ situation: 'mask' });
  });

  it.each([
    'you missed the thing in this box',
    'you missed something',
    'something is missing here',
    'there is one more',
    'it has no mask',
    'no mask here',
    'There is no mask on the star',
    'add the star',
  ])('takes "%s" to be about something missed', (words) => {
    expect(readInstruction(words, found)).toEqual({ situation: 'missed' });
  });

  it.each([
    ['remove this one', { situation: 'delete', target: 'this one' }],
    ['Please delete the ring!', { situation: 'delete', target: 'the ring' }],
    ['can you get rid of both rings please', { situation: 'delete', target: 'both rings' }],
    ['thanks, but remove the red star', { situation: 'delete', target: 'the red star' }],
    ['take it out', { situation: 'delete', target: 'it' }],
    ['this should not be there', { situation: 'delete', target: 'this' }],
    ["the ring doesn't belong here", { situation: 'delete', target: 'the ring' }],
    [
      'delete the ring, the star and segment 2',
      { situation: 'delete', target: 'the ring and the star and segment 2' },
    ],
    ['merge these two', { situation: 'merge', target: 'these two' }],
    ['join the ring and the red star.', { situation: 'merge', target: 'the ring and the red star' }],
    ['they are the same object', { situation: 'merge', target: 'they' }],
    ['these should be merged', { situation: 'merge', target: 'these' }],
    ['make it larger', { situation: 'larger', target: 'it' }],
    ['too small!', { situation: 'larger', target: '' }],
    ['it should be a bit bigger', { situation: 'larger', target: 'it', fraction: 0.1 }],
    ['make the ring 40% larger', { situation: 'larger', target: 'the ring', fraction: 0.4 }],
    [
      'the ring is too small, make it larger by 15 percent',
      { situation: 'larger', target: 'the ring and it', fraction: 0.15 },
    ],
    ['make it much smaller', { situation: 'smaller', target: 'it', fraction: 0.5 }],
    ['that is not a mask of the star, it is too big', { situation: 'smaller', target: 'it' }],
    ['shrink the red star', { situation: 'smaller', target: 'the red star' }],
    ['make it twice as large', { situation: 'larger', target: 'it', fraction: 1 }],
    ['undo', { situation: 'undo', target: '' }],
    ['Undo that, please.', { situation: 'undo', target: '' }],
    ['go back', { situation: 'undo', target: '' }],
    ['redo', { situation: 'redo', target: '' }],
    ['thanks', { situation: 'keep' }],
    ['That is fine!', { situation: 'keep' }],
    ['Perfect, thank you very much.', { situation: 'keep' }],
    ["the mask looks good, don't change it", { situation: 'keep' }],
    ["don't delete the ring", { situation: 'keep' }],
    ['leave it as it is', { situation: 'keep' }],
  ])('reads what is to be done from "%s"', (words, reading) => {
    expect(readInstruction(words, found)).toEqual(reading);
  });

  it.each([
    'supprime l’anneau',
    'lösche den Ring',
    'elimina el anillo',
    'no es un anillo',
    'fais-le plus grand',
    'mach es größer',
    'merci beaucoup',
    'удали это кольцо',
    'сделай больше',
    'この輪を削除して',
    'احذف هذا',
    'hello',
    'why did you remove it?',
    'split the ring in two',
    'move it to the left',
    'no',
    '???',
    'asdf',
  ])('does not pretend to understand "%s"', (words) => {
    const read = () => readInstruction(words, found);
    expect(read).toThrow(expect.objectContaining({ code: 'INSTRUCTION_UNKNOWN' }));
    for (const [, [example]] of SAYABLE) expect(read).toThrow(`"${example}"`);
  });

  it.each([
    'delete the ring and make the star larger',
    'undo and remove it',
    'make it larger and call it a cross',
  ])('takes one thing at a time, not "%s"', (words) => {
    expect(() => readInstruction(words, found)).toThrow(/Two things are asked for/);
  });

  it('understands every example that it lists, as what it lists it for', () => {
    for (const [kind, examples] of SAYABLE)
      for (const words of examples) expect(readInstruction(words, found).situation, words).toBe(kind);
  });

  it('takes a box that no segment touches for something missed, where the words point', () => {
    expect(readInstruction('look here', found, box(0, 6, 3, 3)).situation).toBe('missed');
    expect(readInstruction('look here', found, box(0, 0, 4, 4)).situation).toBe('mask');
    expect(readInstruction('delete this', found, box(0, 6, 3, 3)).situation).toBe('delete');
    expect(() => readInstruction('merci', found, box(0, 6, 3, 3))).toThrow(/not understood/);
  });

  it('reads any text up to its limit at once, and refuses longer ones', () => {
    const start = performance.now();
    for (const part of [
      'is not a ',
      'not a ',
      'make it ',
      'x is ',
      'the label of ',
      ', call it ',
      'no ',
      '\u{1F600} ',
    ])
      try {
        readInstruction(part.repeat(Math.floor(1000 / part.length)), found);
      } catch (error) {
        expect(error).toMatchObject({ name: 'MaskloomError' });
      }
    expect(performance.now() - start).toBeLessThan(2000);
    expect(() => readInstruction('undo '.repeat(300), found)).toThrow(/1500 characters/);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (words) => {
        try {
          readInstruction(words, found);
        } catch (error) {
          expect(MaskloomError.is(error)).toBe(true);
        }
      }),
    );
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
    expect(whichSegment(prediction(found, 2), { say: 'redraw the ring' })).toBe(2);
    expect(() => whichSegment(prediction(found, 1), { say: 'redraw the ring' })).toThrow(/Which of 3/);
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
      resolveInstruction(prediction(found), { say: 'this is not a red star', situation: 'mask' }),
    ).toMatchObject({
      situation: 'mask',
      segment: 1,
    });
    expect(resolveInstruction(prediction([]), { say: 'you missed it', box: box(1, 1, 2, 2) })).toEqual({
      say: 'you missed it',
      box: box(1, 1, 2, 2),
      situation: 'missed',
    });
  });
});

describe('whichSegments', () => {
  const four = [...found, segment('cross', [0, 6, 2, 2], 0.7)];
  const which = (
    target: string,
    {
      of = four,
      say = target,
      last = undefined as number | undefined,
      box: at = undefined as Box<'ImagePx'> | undefined,
    } = {},
  ) => whichSegments(prediction(of, last), { target, say, box: at });

  it.each([
    ['the cross', [3]],
    ['the red star', [1]],
    ['the star', [1]],
    ['both rings', [0, 2]],
    ['the rings', [0, 2]],
    ['all rings and the cross', [0, 2, 3]],
    ['the left ring', [0]],
    ['the ring on the right', [2]],
    ['the smallest ring', [2]],
    ['the smallest one', [3]],
    ['segment 2', [2]],
    ['0 and 3', [0, 3]],
    ['#1', [1]],
    ['everything', [0, 1, 2, 3]],
    ['all except the red star', [0, 2, 3]],
    ['everything but the rings', [1, 3]],
  ])('takes "%s" for %j', (target, indices) => {
    expect(which(target)).toEqual(indices);
  });

  it('goes by the box, what is named beside, what changed last, the only one', () => {
    expect(which('it', { box: box(5, 5, 4, 4) })).toEqual([1]);
    expect(which('the ring', { box: box(5, 0, 4, 4) })).toEqual([2]);
    expect(which('these', { box: box(0, 0, 9, 4) })).toEqual([0, 2]);
    expect(which('it', { say: 'the cross is wrong, delete it', last: 1 })).toEqual([3]);
    expect(which('it', { last: 1 })).toEqual([1]);
    expect(which('the ring', { last: 2 })).toEqual([2]);
    expect(which('it with the cross', { last: 1 })).toEqual([1, 3]);
    expect(which('', { of: found.slice(0, 1) })).toEqual([0]);
    expect(which('these two', { of: found.slice(0, 2) })).toEqual([0, 1]);
  });

  it.each([
    ['the ring', /Which of 2 segments called 'ring'/],
    ['it', /Which of 4 segments is meant/],
    ['these two', /Which of 4 segments are meant/],
    ['the moon', /There is no 'moon'.*3: cross/],
    ['the ring near the cross', /There is no 'near'/],
    ['segment 4', /There is no segment 4/],
    ['the label', /There is no 'label'/],
    ['all except the moon', /There is no 'moon'/],
    ['all but all', /Nothing is left/],
    ['both', /Which of 4 segments/],
  ])('asks back at "%s"', (target, message) => {
    expect(() => which(target)).toThrow(message);
  });

  it('says that there is nothing', () => {
    expect(() => which('it', { of: [] })).toThrow(/no segment to change/);
  });
});
