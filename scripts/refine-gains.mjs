#!/usr/bin/env node
/**
 * What refinement adds to ROSE's own predictions on held-out scenes:
 *
 *     npm run build && node scripts/refine-gains.mjs [--count 500] [--seed 8500000] [--bundle DIR] [--refiner-bundle DIR]
 *         [--recipe rose/patch] [--refiner refine/concat] [--no-mask-prompt] [--json FILE]
 *
 * Two scripts. ORACLE is the paper's (ROSE, supplement 6.1): it chooses by the ground truth what to refine, which situation
 * and which box, so its gain is what a patient person could add, never a system's own figure. "own scores" sees
 * no truth: it draws again what the system is least sure of. Gains are differences on the same scenes, with 95 %
 * bootstrap intervals over scenes.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, createSpec, encodeLabel, Refiner } from '@maskloom/core';
import { refineLeastSure, refineWithOracle } from '@maskloom/eval';
import { cocoApMeasure, compareAccumulators, semanticMeasure } from '@maskloom/metrics';
import { makeScene } from '@maskloom/synth';
import { createDefaultRegistry } from 'maskloom';
import { folderBundle, onnx } from '@maskloom/runtime';

const tiny = fileURLToPath(bundleDirectory);
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '500' },
    seed: { type: 'string', default: '8500000' },
    bundle: { type: 'string', default: tiny },
    'refiner-bundle': { type: 'string', default: tiny },
    recipe: { type: 'string', default: 'rose/patch' },
    refiner: { type: 'string', default: 'refine/concat' },
    'no-mask-prompt': { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const SHAPES = ['circle', 'square', 'triangle', 'star', 'ring', 'diamond', 'crescent', 'cross'];
const STUFF = ['sky', 'water', 'grass', 'sand', 'snow', 'rock'];
const CLASSES = [...SHAPES, ...STUFF];
const SIDE = 128;

const registry = createDefaultRegistry();
const models = onnx({ bundle: folderBundle(values.bundle), device: 'cpu' });
const helpers = onnx({ bundle: folderBundle(values['refiner-bundle']), device: 'cpu' });
const system = await compose(registry.recipe(values.recipe)).on(models).build();
const refining = registry.recipe(values.refiner);
const maskPrompt = values['no-mask-prompt'] ? { maskPrompt: false } : {};
const refiner = await compose(refining)
  .with(Refiner, createSpec(registry.stage(refining.stages.Refiner.name), maskPrompt))
  .on(helpers)
  .build();

const semantic = semanticMeasure({ classes: CLASSES });
const instance = cocoApMeasure({ categories: SHAPES.map((name, i) => ({ id: i + 1, name })) });
const WAYS = ['as it is', 'own scores', 'ORACLE'];
const sums = Object.fromEntries(
  WAYS.map((way) => [way, { semantic: semantic.accumulator(), instance: instance.accumulator() }]),
);
const turns = Object.fromEntries(WAYS.map((way) => [way, { semantic: 0, instance: 0 }]));
const count = Number(values.count);
const started = Date.now();
for (let i = 0; i < count; i++) {
  const scene = makeScene(Number(values.seed) + i, SIDE, SIDE);
  const image = { width: SIDE, height: SIDE, rgb: scene.rgb, sha256: `scene ${scene.seed}` };
  const maskOf = (id) => encodeLabel(scene.labels, SIDE, SIDE, id);
  const things = scene.things.map(({ id, shape }) => ({ label: shape, mask: maskOf(id) }));
  const stuff = scene.stuff.map(({ id, name }) => ({ label: name, mask: maskOf(id) }));
  const refine = (prediction, instruction) => refiner.refine(image, prediction, instruction);
  for (const [kind, segments] of [
    ['semantic', [...stuff, ...things]],
    ['instance', things],
  ]) {
    const truth = { width: SIDE, height: SIDE, segments };
    const plain = await system.segment(image, { task: kind });
    const oracle = await refineWithOracle(plain, truth, refine, { kind, classes: CLASSES });
    const own = await refineLeastSure(plain, refine, { most: kind === 'semantic' ? 5 : 10 });
    for (const [way, result] of [
      ['as it is', { prediction: plain, turns: [] }],
      ['own scores', own],
      ['ORACLE', oracle],
    ]) {
      const part =
        kind === 'semantic'
          ? countSemantic(scene, result.prediction)
          : countInstances(things, result.prediction);
      sums[way][kind].add(i, part);
      turns[way][kind] += result.turns.length;
    }
  }
  if ((i + 1) % 50 === 0) console.error(`${i + 1}/${count}, ${Math.round((Date.now() - started) / 1000)} s`);
}
for (const opened of [system, refiner, models, helpers]) await opened.dispose();

function countSemantic(scene, { segments }) {
  const names = new Map([
    ...scene.things.map((t) => [t.id, t.shape]),
    ...scene.stuff.map((s) => [s.id, s.name]),
  ]);
  const truth = Uint8Array.from(scene.labels, (id) => (id === 0 ? 255 : CLASSES.indexOf(names.get(id))));
  const painted = [...segments]
    .sort((a, b) => a.score - b.score)
    .flatMap(({ label, mask }) =>
      CLASSES.includes(label) ? [{ classIndex: CLASSES.indexOf(label), mask }] : [],
    );
  return semantic.count({ width: SIDE, height: SIDE, truth, prediction: { segments: painted } });
}

function countInstances(things, { segments }) {
  const id = (label) => SHAPES.indexOf(label) + 1;
  return instance.count({
    width: SIDE,
    height: SIDE,
    detections: segments
      .filter(({ label }) => SHAPES.includes(label))
      .map(({ label, score, mask }) => ({ categoryId: id(label), score, mask })),
    truths: things.map(({ label, mask }) => ({ categoryId: id(label), mask })),
  });
}

const figures = {};
for (const way of WAYS) {
  const { figures: s } = sums[way].semantic.result({ only: ['mIoU'] });
  const { figures: a } = sums[way].instance.result({ only: ['AP', 'AP50'] });
  figures[way] = { mIoU: s.mIoU, AP: a.AP, AP50: a.AP50, turns: turns[way] };
  if (way === 'as it is') continue;
  const ds = compareAccumulators(sums[way].semantic, sums['as it is'].semantic, { figures: ['mIoU'] });
  const di = compareAccumulators(sums[way].instance, sums['as it is'].instance, { figures: ['AP', 'AP50'] });
  figures[way].gain = { mIoU: ds.mIoU, AP: di.AP, AP50: di.AP50 };
}
const percent = (value) => (value === null || value === undefined ? '-' : (100 * value).toFixed(1));
console.log(
  `${values.recipe} refined by ${values.refiner}${values['no-mask-prompt'] ? ' without the mask prompt' : ''} on ${count} scenes (seed ${values.seed})`,
);
for (const way of WAYS) {
  const { mIoU, AP, AP50, gain, turns: said } = figures[way];
  const show = (name, figure) => {
    const difference = gain?.[name];
    const by = difference
      ? ` (${difference.difference >= 0 ? '+' : ''}${percent(difference.difference)} [${difference.interval.map(percent).join(', ')}])`
      : ` [${(figure.interval ?? []).map(percent).join(', ')}]`;
    return `${name} ${percent(figure.value)}${by}`;
  };
  console.log(
    `  ${way.padEnd(11)} ${show('mIoU', mIoU)}  ${show('AP', AP)}  ${show('AP50', AP50)}  turns ${said.semantic} + ${said.instance}`,
  );
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ ...values, figures }, undefined, 1)}\n`);
