import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ROOT } from './local-registry.js';

/** What of a project outside of the repository this needs. */
interface Project {
  write(path: string, text: string): Promise<void>;
  run(command: string, ...args: readonly string[]): Promise<string>;
}

/** The guide's recipe with its new slot, built and run; what the package itself knows of the slot is printed as well. */
const MAIN = `
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, createRegistry, definePlugin, wrapStage } from '@maskloom/core';
import { conformanceCases } from '@maskloom/core/conformance';
import { folderBundle, loadImage, onnx, writePng } from '@maskloom/runtime';
import { makeScene } from '@maskloom/synth';
import { boxBlur } from './box-blur.js';
import { MaskSmoother } from './mask-smoother.js';
import { maskSmootherProbe } from './probe.js';
import { smoothedSam } from './smoothed-sam.js';

const scene = makeScene(8_920_000, 160, 96);
await writePng('slot-scene.png', scene.rgb, scene);
const cases = conformanceCases('MaskSmoother', boxBlur(), { probe: maskSmootherProbe });
for (const { run } of cases) await run();
const plugin = definePlugin({ name: 'smooth', version: '1.0.0', api: '^1.0', stages: [boxBlur], recipes: [smoothedSam] });
const registry = createRegistry().register(plugin);
await using models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1 });
const inverted = wrapStage(boxBlur({ radius: 2 }), {
  smooth: async (inner, masks, run) => {
    const { logits, ...rest } = await inner.smooth(masks, run);
    return { ...rest, logits: logits.map((logit) => -logit) };
  },
}, { name: 'workshop/inverted' });
await using pipeline = await compose(smoothedSam).with(MaskSmoother, inverted).on(models).build();
const timed: string[] = [];
pipeline.events.on('stage:end', ({ slot }) => timed.push(slot));
const box = { frame: 'ImagePx', x: 20, y: 20, width: 60, height: 50 } as const;
const { stages, segments } = await pipeline.segment(await loadImage('slot-scene.png'), { task: 'prompted', prompts: [{ box }] });
console.log(JSON.stringify({
  cases: cases.length,
  slots: registry.slots().map(({ name }) => name),
  kinds: registry.stages(MaskSmoother).map(({ stageName }) => stageName),
  described: pipeline.describe().stages.map(({ slot, stage }) => slot + ' ' + stage),
  stages: stages.map(({ slot, ms }) => [slot, ms]),
  timed,
  sizes: segments.map(({ mask }) => mask.size),
}));
`;

/** Wrong swaps in the new slot: tsc fails unless each marked line is an error. */
const MISFITS = `
import { compose, MaskDecoder } from '@maskloom/core';
import { samMaskDecoder } from '@maskloom/sam';
import { z } from 'zod';
import { defineStage } from '@maskloom/core';
import { boxBlur } from './box-blur.js';
import { MaskSmoother } from './mask-smoother.js';
import { smoothedSam } from './smoothed-sam.js';

// @ts-expect-error a mask decoder smooths nothing
compose(smoothedSam).with(MaskSmoother, samMaskDecoder());
// @ts-expect-error a smoother decodes nothing
compose(smoothedSam).with(MaskDecoder, boxBlur());
const guided = defineStage({
  slot: MaskSmoother, name: 'workshop/guided', summary: '', options: z.object({}),
  needs: ['mask-logits', 'image'], gives: ['smooth-logits'],
  create: () => ({ smooth: async (masks) => masks }),
});
// @ts-expect-error it needs the image, which the recipe does not supply to the slot
compose(smoothedSam).with(MaskSmoother, guided());
const silent = defineStage({
  slot: MaskSmoother, name: 'workshop/silent', summary: '', options: z.object({}),
  needs: ['mask-logits'], gives: [],
  create: () => ({ smooth: async (masks) => masks }),
});
// @ts-expect-error the recipe demands smoothed logits
compose(smoothedSam).with(MaskSmoother, silent());
`;

interface Printed {
  readonly cases: number;
  readonly slots: readonly string[];
  readonly kinds: readonly string[];
  readonly described: readonly string[];
  readonly stages: readonly (readonly [slot: string, ms: number])[];
  readonly timed: readonly string[];
  readonly sizes: readonly (readonly number[])[];
}

/** Writes what the guide "add a slot" says to write, and the programs above, into the project's `src`. */
export async function writeNewSlot(project: Project): Promise<void> {
  const guide = await readFile(join(ROOT, 'docs/guides/add-a-slot.md'), 'utf8');
  const blocks = guide.matchAll(/<!-- file: \S+\/([\w-]+\.ts) -->\s+```ts\n([\s\S]*?)^```$/gm);
  let written = 0;
  for (const [, name = '', code = ''] of blocks) {
    await project.write(`src/${name}`, code);
    written++;
  }
  expect(written).toBe(3);
  const probe = /^export const maskSmootherProbe[\s\S]*?^\}\);$/m.exec(guide)?.[0] ?? '';
  const imports = `import { mustBeFinite, mustEqual, noise, probe } from '@maskloom/core/conformance';\nimport './mask-smoother.js';\n`;
  await project.write('src/probe.ts', `${imports}${probe}\n`);
  await project.write('src/new-slot.ts', MAIN);
  await project.write('src/new-slot-misfits.ts', MISFITS);
}

/** Runs the compiled program of {@link writeNewSlot} and checks what it printed. */
export async function checkNewSlot(project: Project): Promise<void> {
  const printed = JSON.parse(await project.run(process.execPath, 'dist/new-slot.js')) as Printed;
  const flow = ['Encoder', 'MaskDecoder', 'MaskSmoother', 'Assembler'];
  expect(printed.cases).toBeGreaterThan(6);
  const at = printed.slots.indexOf('MaskDecoder');
  expect(printed.slots.slice(at, at + 3)).toEqual(['MaskDecoder', 'MaskSmoother', 'FeatureFuser']);
  expect(printed.kinds).toEqual(['example/box-blur']);
  expect(printed.described).toContain('MaskSmoother workshop/inverted');
  expect(printed.stages.map(([slot]) => slot)).toEqual(flow);
  for (const [, ms] of printed.stages) expect(ms).toBeGreaterThanOrEqual(0);
  expect(printed.timed).toEqual(flow);
  // Turned inside out, the mask is what lies around the thing: there is always some of it.
  expect(printed.sizes).toEqual([[96, 160]]);
}
