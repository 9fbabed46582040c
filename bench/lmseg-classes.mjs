// LMSeg over long lists of labels on one picture of 128 x 128: the aggregator over its bare sessions, and what the coarse pass
// (`topK`) gains and loses. `node bench/lmseg-classes.mjs [SCENES] [LABELS] [K,...]` measures the loss alone.
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, CostAggregator, PromptWriter } from '@maskloom/core';
import { costAggregation, full, template } from '@maskloom/lmseg';
import { semanticMeasure } from '@maskloom/metrics';
import { folderBundle, openBundle } from '@maskloom/runtime';
import { makeScene, SHAPES, STUFF } from '@maskloom/synth';
import { cost, costInTurns, ms, ratio } from './lib/measure.mjs';
import { bareSessions, recording } from './lib/record.mjs';
import { image, openModels } from './lib/stage.mjs';

const WORLD = [...SHAPES, ...STUFF];
const AGGREGATOR = /^(?:costEmbed|spatial|class|upsample)/;
/** Two chunks of classes: more are more of the same, and what is recorded of them would fill the memory. */
const RECORDED = 128;
const MANY = 1000;
const TOP = 64;

/** The world's names, then others that nothing is called by. */
const labels = (count) => [
  ...WORLD,
  ...Array.from({ length: count - WORLD.length }, (_, i) => `thing ${i.toString(36)}`),
];
const builder = (options = {}) =>
  compose(full).with(PromptWriter, template()).with(CostAggregator, costAggregation(options));

/** @returns rows of the report */
export async function measure({ rounds, quick }) {
  const models = openModels();
  const rows = [
    quick ? await overBare(models, 64, 1) : await overBare(models, RECORDED, Math.min(rounds, 5)),
    await gain(models, quick ? 250 : MANY),
    ...(quick ? [] : [await loss(models, 10, 200, TOP)]),
  ];
  await models.dispose();
  return rows;
}

async function overBare(models, count, rounds) {
  const calls = [];
  const request = { task: 'semantic', labels: labels(count) };
  const recorder = await builder().on(recording(models, calls)).build();
  await recorder.segment(image(), request);
  await recorder.dispose();
  const bundle = await openBundle(folderBundle(bundleDirectory));
  const played = calls.filter(({ role }) => AGGREGATOR.test(role));
  const bare = await bareSessions(played, (role) => bundle.model('lmseg/full', role).path, 1);
  const pipeline = await builder().on(models).build();
  const stages = [];
  const { least } = await costInTurns(
    {
      sdk: async () => {
        const prediction = await pipeline.segment(image(), request);
        stages.push(prediction.stages.find(({ slot }) => slot === 'CostAggregator').ms);
      },
      least: () => bare.play(),
    },
    rounds,
  );
  await bare.close();
  await pipeline.dispose();
  const stage = stages.sort((a, b) => a - b)[stages.length >> 1];
  const over = stage / least.wall;
  return {
    name: `LMSeg's aggregator over its ${played.length} bare model calls (${count} labels, 5 views), wall`,
    value: ratio(over),
    aim: '<= 1.15',
    good: over <= 1.15,
    detail: `${ms(stage)} against ${ms(least.wall)}`,
  };
}

async function gain(models, many) {
  const spent = {};
  for (const [name, options] of Object.entries({ all: {}, top: { topK: TOP } })) {
    const pipeline = await builder(options).on(models).build();
    const request = { task: 'semantic', labels: labels(many) };
    // Models are opened and warm; the long list's texts are embedded in the measured run, on both sides.
    await pipeline.segment(image(32, 32), { ...request, labels: labels(WORLD.length) });
    spent[name] = await cost(() => pipeline.segment(image(), request));
    await pipeline.dispose();
  }
  const faster = spent.all.cpu / spent.top.cpu;
  return {
    name: `LMSeg, ${many} labels: the ${TOP} best of each view (topK) against all, times less processor time`,
    value: ratio(faster),
    ...(many === MANY ? { aim: '>= 5', good: faster >= 5 } : {}),
    detail: `${ms(spent.top.cpu)} against ${ms(spent.all.cpu)}, the texts' embedding included; wall ${ratio(spent.all.wall / spent.top.wall)}`,
  };
}

/** mIoU over synthetic validation scenes with all classes and with the best of each view. */
async function loss(models, scenes, count, topK) {
  const [all, top] = [await score(models, scenes, count, {}), await score(models, scenes, count, { topK })];
  return {
    name: `LMSeg, ${count} labels, what topK ${topK} loses of the mIoU (toy, ${scenes} synthetic validation scenes)`,
    value: (all - top).toFixed(4),
    detail: `${top.toFixed(4)} against ${all.toFixed(4)} over the world's ${WORLD.length} names`,
  };
}

async function score(models, scenes, count, options) {
  const pipeline = await builder(options).on(models).build();
  const measured = semanticMeasure({ classes: WORLD, ignoreIndex: -1 });
  const sum = measured.accumulator();
  for (let n = 0; n < scenes; n++) {
    const scene = makeScene(8_000_000 + n, 128, 128);
    const names = new Map(
      [...scene.things, ...scene.stuff].map((one) => [one.id, WORLD.indexOf(one.shape ?? one.name)]),
    );
    const truth = Int32Array.from(scene.labels, (id) => names.get(id) ?? -1);
    const frame = { rgb: scene.rgb, width: 128, height: 128, sha256: `validation ${n}` };
    const { segments } = await pipeline.segment(frame, { task: 'semantic', labels: labels(count) });
    const found = segments.map(({ label, mask }) => ({ classIndex: WORLD.indexOf(label), mask }));
    sum.add(n, measured.count({ width: 128, height: 128, truth, prediction: { segments: found } }));
  }
  await pipeline.dispose();
  return sum.result({ intervals: false }).figures.mIoU.value;
}

if (process.argv[1] === import.meta.filename) {
  const [scenes = '20', count = '200', tops = String(TOP)] = process.argv.slice(2);
  const models = openModels();
  for (const topK of tops.split(','))
    console.log(await loss(models, Number(scenes), Number(count), Number(topK)));
  await models.dispose();
}
