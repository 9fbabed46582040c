import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSynth } from '@maskloom/synth';
import { evaluateBundle } from 'maskloom';
import { afterAll, beforeAll, expect, it } from 'vitest';

/**
 * The training kit's figures on the first held-out scenes, as its two commands write them with `--limit 10`
 * (`maskloom_training.evaluate`, `maskloom_training.sam.evaluate --half`), against those of `maskloom eval`.
 */
const GOLDEN = new URL('./golden/', import.meta.url);
const SCENES = { count: 10, seed: 8_500_000, width: 128, height: 128 };
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
    ['box', 'point'].flatMap((prompt) =>
      Object.entries(sam[prompt] ?? {}).map(([kind, { miou, n }]) => [
        `mIoU ${prompt} ${kind}`,
        { value: miou, n },
      ]),
    ),
  ),
);

const folder = mkdtempSync(join(tmpdir(), 'maskloom-figures-'));
beforeAll(() => writeSynth({ out: join(folder, 'heldout'), ...SCENES }));
afterAll(() => rmSync(folder, { recursive: true }));

it('gives the kit figures of every recipe to a tenth of a point', async () => {
  const { recipes } = await evaluateBundle({ data: join(folder, 'heldout'), device: 'cpu' });
  // Systems that came later have figures of their own; here they only show what their tasks have in common.
  expect(Object.keys(recipes)).toEqual(expect.arrayContaining([...kit.keys()]));
  for (const [id, columns] of kit) {
    const own = recipes[id]?.figures ?? {};
    expect(Object.keys(own), id).toEqual(expect.arrayContaining(Object.keys(columns)));
    for (const [column, { value, n }] of Object.entries(columns)) {
      const where = `${id}, ${column}: run the kit's two commands again if the bundle has changed`;
      expect(own[column]?.n, where).toBe(n);
      expect(Math.abs((own[column]?.value ?? NaN) - value), where).toBeLessThanOrEqual(TOLERANCE);
    }
  }
});
