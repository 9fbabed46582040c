import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, pages } from '../docs/pages.js';
import { ROOT } from './local-registry.js';
import { Workshop } from './workshop.js';

interface Golden {
  readonly truth: unknown;
  readonly results: unknown;
  /** `COCOeval.stats` of pycocotools. */
  readonly expected: { readonly mask: readonly number[] };
}

const [golden] = JSON.parse(
  readFileSync(join(ROOT, 'packages/metrics/fixtures/coco-files-golden.json'), 'utf8'),
) as readonly Golden[];

/** The README's example, as written. */
const example = pages()
  .filter(({ path }) => path === join('packages', 'metrics', 'README.md'))
  .flatMap(blocksOf)
  .find(({ language }) => language === 'ts')?.code;

describe('@maskloom/metrics alone in an empty project', () => {
  let workshop: Workshop;
  beforeAll(async () => {
    workshop = await Workshop.open();
    await workshop.install('@maskloom/metrics');
  });
  afterAll(() => workshop?.close());

  it('brings no native code', async () => {
    const installed = await readdir(join(workshop.folder, 'node_modules'));
    expect(installed).not.toContain('sharp');
    expect(installed).not.toContain('onnxruntime-node');
    expect((await readdir(join(workshop.folder, 'node_modules/@maskloom'))).sort()).toEqual([
      'core',
      'masks',
      'metrics',
    ]);
    const native = await workshop.run('find', 'node_modules', '-name', '*.node');
    expect(native).toBe('');
  });

  it('scores a results file in ten lines as pycocotools does, to 1e-9', async () => {
    const lines = example?.split('\n').filter((line) => line.trim() !== '') ?? [];
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.length).toBeLessThanOrEqual(10);
    await workshop.write('instances_val2017.json', JSON.stringify(golden?.truth));
    await workshop.write('results.json', JSON.stringify(golden?.results));
    await workshop.write('score.ts', `${example}\nconsole.log(JSON.stringify(stats));\n`);
    await workshop.run(
      process.execPath,
      join(ROOT, 'node_modules/typescript/bin/tsc'),
      ...['score.ts', '--module', 'nodenext', '--target', 'es2022', '--strict', '--skipLibCheck'],
      ...['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')],
    );
    const said = (await workshop.run(process.execPath, 'score.js')).trim().split('\n').at(-1) ?? '[]';
    const stats = JSON.parse(said) as readonly number[];
    expect(stats).toHaveLength(12);
    stats.forEach((value, i) =>
      expect(Math.abs(value - (golden?.expected.mask[i] ?? NaN)), `figure ${i}`).toBeLessThan(1e-9),
    );
  });
});
