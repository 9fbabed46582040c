import { expect } from 'vitest';

/** What a project of a user can do here. */
interface Project {
  write(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
  run(command: string, ...args: readonly string[]): Promise<string>;
}

const MASKLOOM = 'node_modules/.bin/maskloom';

/** A mask decoder and a category generator of one's own, in a plugin. */
const STAGES = `
import { CategoryGenerator, definePlugin, defineStage, MaskDecoder, wrapStage, type CategoryQuery } from '@maskloom/core';
import { samMaskDecoder } from '@maskloom/sam';
import { z } from 'zod';

/** SAM's masks with \`by\` taken from every logit: the larger, the smaller the masks. */
export const shrunkMasks = defineStage({
  slot: MaskDecoder,
  name: 'newcomer/shrunk-masks',
  summary: 'Masks of SAM at a higher threshold.',
  options: z.object({ by: z.number().default(1).describe('Taken from every logit.') }),
  needs: ['mask-features', 'embedding-prompt'],
  gives: ['mask-logits'],
  create: ({ by }, context) =>
    wrapStage(samMaskDecoder(), {
      async decode(inner, features, prompts, run) {
        const masks = await inner.decode(features, prompts, run);
        return { ...masks, logits: masks.logits.map((logit) => logit - by) };
      },
    }).create(context),
});

/** One name for everything. */
export const oneName = defineStage({
  slot: CategoryGenerator,
  name: 'newcomer/one-name',
  summary: 'The same name for every region.',
  options: z.object({ word: z.string().default('star').describe('The name.') }),
  needs: ['category-embedding'],
  gives: ['names'],
  create: ({ word }) => ({
    name: ({ embeddings }: CategoryQuery) =>
      Promise.resolve(Array.from({ length: embeddings?.dims[0] ?? 0 }, () => ({ name: word, score: 1 }))),
  }),
});

export const newcomer = definePlugin({
  name: 'newcomer',
  version: '1.0.0',
  api: '^1.0',
  stages: [shrunkMasks, oneName],
});
`;

const CONFIG = `
import { defineAblation } from '@maskloom/eval';
import { defineConfig } from 'maskloom';

const part = { part: 'val', protocol: 'instances' };

export default defineConfig({
  plugins: ['./src/own-stages.ts'],
  data: { kitchen: { folder: 'kitchen', format: 'coco-instances' } },
  defaults: { device: 'cpu', workers: 2 },
  ablations: [
    defineAblation({
      id: 'mine/own',
      title: 'Own stages in two systems',
      data: { synthetic: {}, real: { val: { format: 'coco-instances', split: '', folder: '.' } } },
      rows: [
        { label: 'ROSE', recipe: 'rose/patch' },
        {
          label: 'ROSE, one name',
          recipe: 'rose/patch',
          overrides: { stages: { CategoryGenerator: { stage: 'newcomer/one-name', options: { word: 'no such thing' } } } },
        },
        {
          label: 'stacked, shrunk masks',
          recipe: 'stacked-seg/vanilla',
          overrides: { stages: { MaskDecoder: { stage: 'newcomer/shrunk-masks', options: { by: 1000 } } } },
        },
      ],
      columns: [{ label: 'AP50', real: { ...part, figure: 'AP50' } }],
    }),
  ],
});
`;

/** A COCO folder like anybody's: nothing says that it is generated. */
const KITCHEN = `
import { rmSync } from 'node:fs';
import { writeSynth } from '@maskloom/synth';
await writeSynth({ out: 'kitchen', count: 6, seed: 8_400_000, width: 128, height: 128 });
rmSync('kitchen/synth.json');
`;

/** Starts the table and kills its coordinator when two units are written down. */
const KILLED = `
${MASKLOOM} ablate mine/own --data kitchen --out run >/dev/null 2>&1 &
pid=$!
while [ "$(cat run/ledger.jsonl 2>/dev/null | wc -l)" -lt 2 ]; do
  kill -0 $pid 2>/dev/null || break
  sleep 0.05
done
kill -9 $pid
wait $pid 2>/dev/null
cat run/ledger.jsonl | wc -l
`;

/** Writes the project's stages, configuration and data set. */
export async function writeOwnTable(project: Project): Promise<void> {
  await project.write('src/own-stages.ts', STAGES);
  await project.write('maskloom.config.ts', CONFIG);
  await project.write('kitchen.mjs', KITCHEN);
  await project.run(process.execPath, 'kitchen.mjs');
}

/** Runs the table with two workers, killed and resumed, and reads its figures in three forms. */
export async function checkOwnTable(project: Project): Promise<void> {
  const kept = Number(await project.run('sh', '-c', KILLED));
  expect(kept).toBeGreaterThanOrEqual(2);
  expect(kept).toBeLessThan(18);
  const said = await project.run(MASKLOOM, 'ablate', 'mine/own', '--data', 'kitchen', '--out', 'run');
  expect(said).toContain('18/18 units');
  // Nothing was computed twice: the units that were written down are still the first ones.
  expect((await project.read('run/ledger.jsonl')).trimEnd().split('\n')).toHaveLength(18);

  const table = JSON.parse(await project.read('run/tables/mine-own.json')) as {
    readonly rows: readonly {
      readonly label: string;
      readonly cells: readonly { readonly measured: number | null }[];
    }[];
  };
  const figures = table.rows.map(({ cells }) => cells[0]?.measured ?? NaN);
  expect(figures[0]).toBeGreaterThan(20);
  // Names of nothing and masks of nothing: the stages ran.
  expect(figures.slice(1)).toEqual([0, 0]);

  const shown = (figures[0] ?? NaN).toFixed(1);
  const markdown = await project.read('run/tables/mine-own.md');
  expect(markdown).toMatch(new RegExp(`^\\| ROSE[^|]*\\| ${shown} `, 'm'));
  const csv = await project.read('run/tables/mine-own.csv');
  const line = csv.split('\r\n').find((one) => one.startsWith('mine/own,ROSE,'));
  expect(line).toContain(`,AP50,%,measured,${figures[0]},`);
  const latex = await project.read('run/tables/mine-own.tex');
  expect(latex).toMatch(new RegExp(`^ROSE[^&]*& ${shown} `, 'm'));
  for (const text of [markdown, csv, latex]) expect(text).not.toContain('undefined');
}
