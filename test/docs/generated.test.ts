import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './pages.js';

interface Generated {
  stalePages(): Promise<readonly (readonly [string, string])[]>;
}
interface Figures {
  figures(manifest: object): string;
}
interface Parity {
  parityTable(measured: object): string;
}
const load = async <T>(path: string): Promise<T> => (await import(join(ROOT, path))) as T;

describe('what is generated in the pages', () => {
  it('is up to date', async () => {
    const { stalePages } = await load<Generated>('scripts/docs-figures.mjs');
    const behind = (await stalePages()).map(([path]) => path);
    expect(behind, 'run node scripts/docs-figures.mjs').toEqual([]);
  });

  it('prints each figure with its interval, and the control beside it', async () => {
    const { figures } = await load<Figures>('scripts/lib/figures.mjs');
    const figure = (value: number) => ({ value, interval: [value - 0.01, value + 0.01], n: 3 });
    const heldOut = {
      'cIoU all': figure(0.6125),
      'cIoU control': figure(0.05),
      'gIoU all': figure(0.5),
      See: figure(0.9),
    };
    const data = { seed: 8_000_000, count: 500 };
    const text = figures({ heldOut: { data }, recipes: { 'read/full': { heldOut }, 'read/seg': {} } });
    expect(text).toContain('500 held-out scenes (seed 8000000)');
    expect(text).toContain('| recipe | cIoU | cIoU, swapped phrase | gIoU | See |');
    expect(text).toContain(
      '| `read/full` | 0.613 [0.603, 0.623] | 0.050 [0.040, 0.060] | 0.500 | 0.900 [0.890, 0.910] |',
    );
    const sam = { figures: { box: { all: { miou: 0.8, interval: [0.78, 0.82], n: 9 } } } };
    expect(figures({ heldOut: { sam } })).toContain(
      '| prompt | all |\n| --- | --- |\n| box | 0.800 [0.780, 0.820] |',
    );
    expect(figures({ origin: { trained: false } })).toContain('**not trained**');
  });

  it('has a line for each comparison at real widths, a column for each form, and what is outside its limit in bold', async () => {
    const { parityTable } = await load<Parity>('scripts/lib/parity-table.mjs');
    const row = (what: string, dtype: string, value: number | string, good: boolean) => ({
      ...{ what, dtype, value, good },
      limit: 'L',
    });
    const rows = [
      row('masks', 'f32', 0.99987, true),
      row('text', 'f32', 'identical', true),
      row('masks', 'q4', 0.9, false),
    ];
    const lines = parityTable({ cases: { sam: { summary: 'small', rows } } }).split('\n');
    expect(lines.slice(2)).toEqual([
      '| `sam`: small | masks | L | 0.9999 |  |  | **0.9000** |',
      '|  | text | L | identical |  |  |  |',
    ]);
  });

  it('publishes no parity at real widths that is outside its limit', () => {
    const { cases } = JSON.parse(readFileSync(join(ROOT, 'docs/measured/parity-real.json'), 'utf8')) as {
      cases: Record<string, { rows: readonly { good: boolean; what: string }[] }>;
    };
    const rows = Object.values(cases).flatMap(({ rows }) => rows);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ good }) => !good)).toEqual([]);
  });
});

describe('NOTICE', () => {
  it('names every package that is installed at run time, with its licence', () => {
    const notice = readFileSync(join(ROOT, 'NOTICE'), 'utf8');
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      readonly packages: Record<string, { license?: string; link?: true; dev?: true; devOptional?: true }>;
    };
    const missing = Object.entries(lock.packages).flatMap(
      ([path, { license = '', link, dev, devOptional }]) => {
        if (!path.startsWith('node_modules/') || link || dev || devOptional) return [];
        const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
        if (/^@img\/sharp-/.test(name)) return [];
        return notice.split('\n').some((line) => line.startsWith(`${name} `) && line.includes(` ${license} `))
          ? []
          : [`${name} ${license}`];
      },
    );
    expect(missing).toEqual([]);
    expect(notice).toMatch(/@img\/sharp-libvips-\*.* LGPL-3\.0-or-later/);
  });
});
