import { describe, expect, it } from 'vitest';
import type { Ablation } from './ablation.js';
import { defineAblation } from './define-ablation.js';
import { shippedAblations } from './shipped.js';

const good: Ablation = {
  id: 'mine/points',
  title: 'Points',
  data: { synthetic: { val: { seed: 1, count: 2 } }, real: {} },
  rows: [{ label: 'few', recipe: 'read/full' }],
  columns: [{ label: 'gIoU', synthetic: { part: 'val', protocol: 'reasoning', figure: 'gIoU all' } }],
};
const [row] = good.rows as [Ablation['rows'][0]];
const [column] = good.columns as [Ablation['columns'][0]];
const paper = { source: 'a paper', columns: ['gIoU'], rows: { few: [1] } };

describe('an ablation', () => {
  it('is what was given, and stays so', () => {
    const made = defineAblation({ ...good, paper });
    expect(made).toEqual({ ...good, paper });
    expect(Object.isFrozen(made)).toBe(true);
  });

  it.each([
    ['an id of another form', { id: 'Points' }, /mine|kebab-case/],
    ['two rows of a name', { rows: [row, row] }, /two rows 'few'/],
    ['two columns of a name', { columns: [column, column] }, /two columns 'gIoU'/],
    [
      'a part that is not there',
      { columns: [{ ...column, synthetic: { part: 'vall', protocol: 'reasoning', figure: 'gIoU all' } }] },
      /Did you mean 'val'/,
    ],
    [
      'a protocol that is not there',
      { columns: [{ ...column, synthetic: { part: 'val', protocol: 'reasonin', figure: 'gIoU all' } }] },
      /Did you mean 'reasoning'/,
    ],
    [
      'printed figures of another number',
      { paper: { ...paper, rows: { few: [1, 2] } } },
      /2 printed figures/,
    ],
    ['a row that the paper has not', { paper: { ...paper, rows: { fewer: [1] } } }, /no printed figures/],
    ['a column that the paper has not', { paper: { ...paper, columns: ['cIoU'] } }, /not in the paper/],
  ])('with %s is refused', (_, wrong, message) => {
    expect(() => defineAblation({ ...good, ...wrong })).toThrow(message);
    expect(() => defineAblation({ ...good, ...wrong })).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/_INVALID$|_UNKNOWN$/) as string }) as Error,
    );
  });
});

it('the shipped ablations have ids of their own, all of the papers and systems', () => {
  const ids = shippedAblations().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const wanted = [
    ...[2, 3, 4, 5, 6].map((n) => `rose/table-${n}`),
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `read/table-${n}`),
    ...['prompts', 'fusion', 'enhancement', 'tuning'].map((name) => `lmseg/${name}`),
  ];
  expect(ids).toEqual(wanted);
});

it('no figure is printed beside LMSeg, whose paper gives none for these tables', () => {
  for (const { id, paper: printed } of shippedAblations())
    expect(printed === undefined, id).toBe(id.startsWith('lmseg/'));
});
