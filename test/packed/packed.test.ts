import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './local-registry.js';
import { checkNewSlot, writeNewSlot } from './new-slot.js';
import { checkOwnTable, writeOwnTable } from './own-table.js';
import { Workshop } from './workshop.js';

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** As strict as it gets, and without skipLibCheck: the packages' own declarations are checked as well. */
const TSCONFIG = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    types: ['node'],
    rootDir: 'src',
    outDir: 'dist',
  },
  include: ['src'],
};

/** What {@link MAIN} imports. */
const IMPORTED = ['bundle-tiny', 'core', 'eval', 'synth', 'llava', 'read', 'runtime', 'sam'].map(
  (name) => `@maskloom/${name}`,
);

/** READ with the guide's stage. The answer is given, so that the weights have no say in whether there is a mask. */
const MAIN = `
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { Assembler, compose, LanguageModel, PointPrompter } from '@maskloom/core';
import { makeScene } from '@maskloom/synth';
import { llavaLanguageModel } from '@maskloom/llava';
import { full } from '@maskloom/read';
import { folderBundle, loadImage, onnx, writePng } from '@maskloom/runtime';
import { thresholdAssembler } from '@maskloom/sam';
import { spreadPoints } from './spread-points.js';

const scene = makeScene(8_920_000, 160, 96);
await writePng('scene.png', scene.rgb, scene);
await using models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1 });
await using read = await compose(full)
  .with(PointPrompter, spreadPoints({ count: 5, apart: 1 }))
  .with(LanguageModel, llavaLanguageModel({ forcedAnswer: 'It is [SEG].' }))
  .with(Assembler, thresholdAssembler({ threshold: -1e9 }))
  .on(models)
  .build();
const prediction = await read.segment(await loadImage('scene.png'), { task: 'referring', text: 'the red star' });
console.log(JSON.stringify(prediction, (_, value) => (ArrayBuffer.isView(value) ? Array.from(value as Int8Array) : value)));
`;

/** A stage in the wrong slot: tsc fails unless the marked line is an error. */
const MISFIT = `
import { compose, MaskDecoder } from '@maskloom/core';
import { full } from '@maskloom/read';
import { spreadPoints } from './spread-points.js';

// @ts-expect-error a point prompter decodes no masks
compose(full).with(MaskDecoder, spreadPoints());
`;

interface Printed {
  readonly system: string;
  readonly recipe: string;
  readonly stages: readonly { readonly slot: string; readonly stage: string }[];
  readonly segments: readonly {
    readonly mask: { readonly size: readonly number[] };
    readonly evidence: {
      readonly points: { readonly labels: readonly number[]; readonly xy: readonly number[] };
    };
  }[];
}

describe('the packages as npm delivers them', () => {
  let workshop: Workshop;
  beforeAll(async () => {
    workshop = await Workshop.open();
    await workshop.install('maskloom', ...IMPORTED, 'zod@4.6.7', '@types/node@20.19.43');
  }, 300_000);
  afterAll(() => workshop?.close());

  it("compile and run the guide's stage in READ's place for a point prompter, and no misfit", async () => {
    const guide = await readFile(join(ROOT, 'docs/guides/write-your-own-stage.md'), 'utf8');
    const stage = /<!-- file: \S+spread-points\.ts -->\s+```ts\n([\s\S]*?)^```$/m.exec(guide)?.[1] ?? '';
    expect(stage.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
    await workshop.write('src/spread-points.ts', stage);
    await workshop.write('src/main.ts', MAIN);
    await workshop.write('src/misfit.ts', MISFIT);
    await workshop.write('tsconfig.json', JSON.stringify(TSCONFIG));
    await writeNewSlot(workshop);
    await writeOwnTable(workshop);
    await workshop.run(process.execPath, TSC, '-p', '.');

    const { system, recipe, stages, segments } = JSON.parse(
      await workshop.run(process.execPath, 'dist/main.js'),
    ) as Printed;
    expect(`${system}/${recipe}`).toBe('read/full');
    expect(stages.find(({ slot }) => slot === 'PointPrompter')?.stage).toBe('example/spread-points');
    expect(segments).toHaveLength(1);
    expect(segments[0]?.mask.size).toEqual([96, 160]);
    expect(segments[0]?.evidence.points.labels).toEqual([1, 1, 1, 1, 1]);
  });

  it('take a new kind of slot with a stage and a recipe of its own', () => checkNewSlot(workshop));

  it('measure own stages of two systems in an own table over an own COCO folder, killed and resumed', () =>
    checkOwnTable(workshop));

  it('bring a command that lists and compares', async () => {
    const maskloom = 'node_modules/.bin/maskloom';
    const systems = JSON.parse(await workshop.run(maskloom, 'systems', '--json')) as readonly {
      readonly system: string;
      readonly recipes: readonly { readonly id: string }[];
    }[];
    const ids = systems.flatMap(({ recipes }) => recipes.map(({ id }) => id));
    expect(ids).toEqual(expect.arrayContaining(['stacked-seg/single', 'read/full', 'sam/prompted']));

    await workshop.run(
      maskloom,
      'compare',
      'scene.png',
      '--text',
      'the red star',
      '--device',
      'cpu',
      '--out',
      'report',
    );
    const { runs } = JSON.parse(await workshop.read('report/predictions.json')) as {
      readonly runs: readonly unknown[];
    };
    expect(runs).toHaveLength(7);
    const page = await workshop.read('report/report.html');
    expect(page).toContain('read/full');
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '';
    expect(script.length).toBeGreaterThan(10_000);
    expect(() => new Function(script)).not.toThrow();
  });

  it('are required by a CommonJS module in TypeScript, too', async () => {
    await workshop.write(
      'old/src/main.cts',
      "import { compose } from '@maskloom/core';\nimport { full } from '@maskloom/read';\nconsole.log(typeof compose(full).build);\n",
    );
    await workshop.write('old/tsconfig.json', JSON.stringify(TSCONFIG));
    await workshop.run(process.execPath, TSC, '-p', 'old');
    expect(await workshop.run(process.execPath, 'old/dist/main.cjs')).toBe('function\n');
  });

  it("offer the rows of the papers' tables, which no package brings", async () => {
    const said = await workshop.run(
      'sh',
      '-c',
      'node_modules/.bin/maskloom ablate rose/table-5 --count 1 --out rows --device cpu 2>&1',
    );
    expect(said).toContain('`npm install @maskloom/bundle-ablations` brings');
    await workshop.install('@maskloom/bundle-ablations');
    const systems = await workshop.run('node_modules/.bin/maskloom', 'systems', '--json');
    expect(systems).toContain('ablations');
  });
});
