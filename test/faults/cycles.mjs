// Builds, runs and disposes of pipelines in one process and prints its memory: `node --expose-gc cycles.mjs COUNT MARK...`.
// One JSON line: resident memory after each MARK-th cycle, and what is left alive at the end.
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { Assembler, compose, LanguageModel } from '@maskloom/core';
import { makeScene } from '@maskloom/synth';
import { llavaLanguageModel } from '@maskloom/llava';
import { full } from '@maskloom/read';
import { folderBundle, onnx } from '@maskloom/runtime';
import { thresholdAssembler } from '@maskloom/sam';
import { settledMemory } from './settled-memory.mjs';

const [count = 0, ...marks] = process.argv.slice(2).map(Number);
const models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1 });
const request = { task: 'referring', text: 'the red star' };
const resident = {};

for (let cycle = 1; cycle <= count; cycle++) {
  const { rgb, width, height, seed } = makeScene(8_930_000 + (cycle % 7), cycle % 2 === 0 ? 128 : 160, 96);
  const pipeline = await compose(full)
    .with(LanguageModel, llavaLanguageModel({ forcedAnswer: 'It is [SEG].' }))
    .with(Assembler, thresholdAssembler({ threshold: -1e9 }))
    .on(models)
    .build();
  const { segments } = await pipeline.segment({ rgb, width, height, sha256: `${seed} ${width}` }, request);
  if (segments.length !== 1) throw new Error(`cycle ${cycle} gave ${segments.length} segments`);
  await pipeline.dispose();
  if (marks.includes(cycle)) resident[cycle] = await settledMemory();
}
await models.dispose();
const resources = process.getActiveResourcesInfo().filter((kind) => /Worker|MessagePort/.test(kind));
console.log(JSON.stringify({ resident, liveTensors: models.liveTensors, resources }));
