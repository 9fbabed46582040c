import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figureTables, openRunResults, type Ablation, type Table } from '@maskloom/eval';
import { embeddedBundles, runTables } from 'maskloom';
import { afterAll, expect, it } from 'vitest';

/**
 * The training kit's figures on the first held-out scenes, as its two commands write them with `--limit 10`
 * (`maskloom_training.evaluate`, `maskloom_training.sam.evaluate --half`), against those of `maskloom figures`.
 */
const GOLDEN = new URL('./golden/', import.meta.url);
/** A tenth of a point. */
const TOLERANCE = 1e-3;

type Columns = Readonly<Record<string, { readonly value: number; readonly n: number }>>;
interface SamFigures {
  readonly figures: Readonly<
    Record<string, Readonly<Record<string, { readonly miou: number; readonly n: number }>>>
  >;
}

const read = <T>(file: string): T => JSON.parse(readFileSync(new URL(file, GOLDEN), 'utf8')) as T;
const kit = new Map(
  Object.entries(read<{ recipes: Record<string, Columns> }>('figures-recipes.json').recipes),
);
const { figures: sam } = read<SamFigures>('figures-sam.json');
kit.set(
  'sam/prompted',
  Object.fromEntries(
    ['box', 'point', 'box_point'].flatMap((prompt) =>
      Object.entries(sam[prompt] ?? {}).map(([kind, { miou, n }]) => [
        `mIoU ${prompt.replace('_', ' and ')} ${kind}`,
        { value: miou, n },
      ]),
    ),
  ),
);

const folder = mkdtempSync(join(tmpdir(), 'maskloom-figures-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs tables on the first ten held-out scenes. */
async function measured(out: string, tables: readonly Ablation[]): Promise<readonly Table[]> {
  const { failures, tables: filled } = await runTables({
    tables,
    out,
    count: 10,
    workers: 2,
    bundles: embeddedBundles().map(({ directory }) => directory),
    device: 'cpu',
    command: 'test',
    signal: new AbortController().signal,
  });
  expect(failures).toEqual([]);
  return filled;
}

it('gives the kit figures of every recipe to a tenth of a point', async () => {
  const out = join(folder, 'kit');
  await measured(
    out,
    figureTables().filter(({ id }) => /referring|several|prompts/.test(id)),
  );
  await using run = await openRunResults(out);
  for (const [id, columns] of kit) {
    const subject = run.plan.subjects.findIndex(
      ({ recipe, overrides }) => recipe === id && overrides.stages === undefined,
    );
    const work = run.plan.work.filter(({ subjects }) => subjects.includes(subject));
    const own: Columns = Object.assign(
      {},
      ...work.flatMap(({ part, protocol }) =>
        run.results.count(subject, part, protocol).sums.map((sum) => {
          const { figures } = sum.result({ intervals: false });
          const prefix = protocol === 'two-targets' ? 'several: ' : '';
          return Object.fromEntries(Object.entries(figures).map(([name, one]) => [prefix + name, one]));
        }),
      ),
    ) as Columns;
    for (const [column, { value, n }] of Object.entries(columns)) {
      const where = `${id}, ${column}: run the kit's two commands again if the bundle has changed`;
      expect(own[column]?.n, where).toBe(n);
      expect(Math.abs((own[column]?.value ?? NaN) - value), where).toBeLessThanOrEqual(TOLERANCE);
    }
  }
});

/** What pycocotools and numpy count on the same answers: `training/golden/make_free_names_golden.py`. */
it('counts names, names aside and swapped images as the kit does', async () => {
  const golden = read<Record<string, Record<string, number>>>('figures-free-names.json');
  const recipe = 'rose/patch';
  const tables = figureTables().flatMap((table) =>
    table.id === 'figures/free-names'
      ? [{ ...table, rows: table.rows.filter((row) => row.recipe === recipe) }]
      : [],
  );
  const [table] = await measured(join(folder, 'names'), tables);
  const [row] = table?.rows ?? [];
  const columns = table?.columns.map(({ label }) => label) ?? [];
  expect(columns).toEqual(Object.keys(golden[recipe] ?? {}));
  for (const [i, label] of columns.entries()) {
    const found = (row?.cells[i]?.measured ?? NaN) / 100;
    expect(Math.abs(found - (golden[recipe]?.[label] ?? NaN)), label).toBeLessThanOrEqual(TOLERANCE);
  }
});
