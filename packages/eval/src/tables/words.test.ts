import { expect, it } from 'vitest';
import { DEFAULT_SWITCHES } from '../protocols/protocol.js';
import { tableCsv } from './csv.js';
import { tableHtml } from './html.js';
import { tableLatex } from './latex.js';
import { tableMarkdown } from './markdown.js';
import { BOOTSTRAP } from './measured-figures.js';
import { TABLE_SCHEMA, type CellState, type Table, type TableCell } from './table.js';
import { tableText } from './text.js';

const cell = (state: CellState, images: number, measured: number | null): TableCell => ({
  state,
  paper: null,
  measured,
  interval: images > 1 && measured !== null ? [measured - 1, measured + 1] : null,
  images,
  n: images,
});

const table = (cells: readonly TableCell[]): Table => ({
  schema: TABLE_SCHEMA,
  id: 'mine/words',
  title: 'Words',
  columns: cells.map((_, i) => ({ label: `column ${i}`, oracle: false, unit: '%' })),
  rows: [
    {
      label: 'row',
      recipe: 'read/full',
      oracle: false,
      untrained: false,
      remarks: [],
      weights: { bundle: 'tiny 0.1.0', entry: 'read/full', hash: '0123456789ab', models: {} },
      cells,
    },
  ],
  comparisons: [],
  notes: [],
  command: 'maskloom eval',
  data: [],
  switches: DEFAULT_SWITCHES,
  devices: ['cpu'],
  bootstrap: BOOTSTRAP,
});

const FORMS = { tableText, tableMarkdown, tableLatex, tableHtml };

it('says in every form that a figure is of one image, and draws no interval from it', () => {
  for (const [name, form] of Object.entries(FORMS)) {
    const text = form(table([cell('measured', 1, 66.7)]));
    expect(text, name).toContain('66.7');
    expect(text, name).toContain('on one image');
    expect(text, name).toContain('has no interval');
    expect(text, name).not.toMatch(/66\.7[^a-z]*\[/);
  }
});

it('says in words why a cell has no figure', () => {
  for (const [name, form] of Object.entries(FORMS)) {
    const text = form(table([cell('cannot', 0, null), cell('nothing counted', 3, null)]));
    expect(text, name).toContain('not its task');
    expect(text, name).toContain('nothing to count');
    expect(text, name).not.toMatch(/cannot|nothing counted/);
  }
});

it('names the weights of a row by bundle and hash', () => {
  const one = table([cell('partial', 4, 50)]);
  for (const [name, form] of Object.entries(FORMS))
    expect(form(one), name).toMatch(/read\/full of tiny 0\.1\.0 \(0123456789ab\)/);
  expect(tableCsv(one)).toContain('tiny 0.1.0,0123456789ab');
  expect(tableText(one)).toContain('50.0 [49.0, 51.0] on 4 images');
});
