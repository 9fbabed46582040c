import { describe, expect, it } from 'vitest';
import { ablationNamed, shippedAblations } from '../ablation/shipped.js';
import type { Subject } from '../runner/run-plan.js';
import { printed, shownLabel } from './look-up.js';

const row = { label: 'stacked <SEG>', standsFor: 'LISA-7B', recipe: 'stacked-seg/single' } as const;
const weights = { bundle: 'tiny 0.1.0', from: 0, entry: row.recipe, models: {}, constants: '' };
const subject = (more: object): Subject => ({ recipe: row.recipe, overrides: {}, ...more });

describe('a row in the place of a published system', () => {
  it('says who it is, and that its weights are toys where the bundle says so', () => {
    expect(shownLabel(row, [subject({ weights: { ...weights, toy: true } })])).toBe(
      'stacked <SEG>, toy, stands for LISA-7B',
    );
    expect(shownLabel(row, [subject({ weights })])).toBe('stacked <SEG>, stands for LISA-7B');
    expect(shownLabel(row, [subject({ missing: 'no weights' })])).toBe('stacked <SEG>, stands for LISA-7B');
  });

  it('stands beside the printed figures of that system', () => {
    const table = ablationNamed('read/table-1');
    const [first] = table.rows;
    expect(first?.standsFor).toBe('LISA-7B');
    const figures = table.columns.map((column) => first && printed(table, first, column));
    expect(figures.filter((figure) => figure !== null)).toEqual([38.2, 30.1, 32.1, 34.1, 47.3, 48.4]);
  });

  it('never has the bare name of a published system for its label', () => {
    for (const { id, rows } of shippedAblations())
      for (const { label, recipe } of rows)
        if (recipe !== undefined) expect(label, id).not.toMatch(/LISA|SESAME|-7B|-13B/);
  });
});
