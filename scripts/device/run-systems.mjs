// One device, one bundle, some recipes: masks and time per stage. Prints one line of JSON. A process of its own: a native
// library may end it, and libraries are found by its environment.
//
//     node run-systems.mjs DEVICE BUNDLE SIDE ROUNDS RECIPE...
import { LanguageModel, compose } from '@maskloom/core';
import { llavaLanguageModel } from '@maskloom/llava';
import { folderBundle, onnx } from '@maskloom/runtime';
import { makeScene } from '@maskloom/synth';
import { SYSTEMS } from './systems.mjs';

const [device, bundle, side, rounds, ...recipes] = process.argv.slice(2);
const image = scene(Number(side));
const models = onnx({ bundle: folderBundle(bundle), device, keepOpen: true });
const results = {};
for (const id of recipes) results[id] = await runOne(id).catch((error) => ({ error: String(error.message) }));
await models.dispose();
process.stdout.write(`${JSON.stringify(results)}\n`, () => process.exit(0));

async function runOne(id) {
  const { from, ask, forced } = SYSTEMS[id];
  const recipe = (await import(from[0]))[from[1]];
  let builder = compose(recipe);
  if (forced) builder = builder.with(LanguageModel, llavaLanguageModel({ forcedAnswer: true }));
  const pipeline = await builder.on(models).build();
  try {
    // The first run compiles shaders, chooses kernels and fills arenas.
    const first = await pipeline.segment(image, request(ask));
    const runs = [];
    for (let i = 0; i < Number(rounds); i++) runs.push(await pipeline.segment(image, request(ask)));
    const stages = runs[0].stages.map(({ slot, device: ran }, i) => ({
      slot,
      device: ran,
      ms: median(runs.map((run) => run.stages[i]?.ms ?? NaN)),
    }));
    const firstMs = first.stages.reduce((sum, { ms }) => sum + ms, 0);
    return { firstMs: round(firstMs), stages, masks: runs[0].segments.map(({ mask }) => mask) };
  } finally {
    await pipeline.dispose();
  }
}

function request({ box, ...rest }) {
  if (box === undefined) return rest;
  const [x, y, width, height] = box.map((part) => part * Number(side));
  return { ...rest, prompts: [{ box: { frame: 'ImagePx', x, y, width, height } }] };
}

function scene(length) {
  const { rgb, width, height } = makeScene(8_950_000, length, length);
  return { rgb, width, height, sha256: `scene ${length}` };
}

function median(values) {
  return round(values.toSorted((a, b) => a - b)[values.length >> 1]);
}

function round(ms) {
  return Number(ms.toFixed(2));
}
