import { expect, it } from 'vitest';
import { readLabelList, writeLabelList } from './label-list.js';

const KNOWN = ['colour', 'shape-size'];

it.each([
  ['cat\n\n# dog\n  bird , fish,', ['cat', 'bird', 'fish']],
  ['\uFEFFcat\r\ndog', ['cat', 'dog']],
  [
    '  note: not a description, nothing stands before it',
    ['note: not a description', 'nothing stands before it'],
  ],
])('reads labels out of %j', (text, labels) => {
  expect(readLabelList(text, KNOWN)).toEqual({ labels });
});

it('reads what stands indented below a label as its description, and writes it again', () => {
  const text = 'cat\n  colour: Grey, or orange.\n  colour: Black.\ndog\n  shape-size: Large.\nfish';
  const list = readLabelList(text, KNOWN);
  expect(list.labels).toEqual(['cat', 'dog', 'fish']);
  expect(list.descriptions?.classes).toEqual({
    cat: { colour: ['Grey, or orange.', 'Black.'] },
    dog: { 'shape-size': ['Large.'] },
  });
  expect(writeLabelList(list)).toBe(text);
});

it('takes the JSON of a file of descriptions as it is', () => {
  const file = {
    schema: 'maskloom.descriptions/1',
    classes: { 'building, edifice': { colour: ['Brown.'] } },
  };
  expect(readLabelList(JSON.stringify(file), [])).toEqual({
    labels: ['building, edifice'],
    descriptions: file,
  });
});

it('says what is wrong', () => {
  expect(() => readLabelList('cat\n  color: Grey.', KNOWN)).toThrow(/'cat' is described by 'color'; known/);
  expect(() => readLabelList('{"cat"', KNOWN)).toThrow();
});
