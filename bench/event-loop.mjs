// How long the main thread's event loop is held up while images are segmented.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { Assembler, compose, LanguageModel } from '@maskloom/core';
import { llavaLanguageModel } from '@maskloom/llava';
import { full as lmseg } from '@maskloom/lmseg';
import { full as read } from '@maskloom/read';
import { patch, taskAssembler } from '@maskloom/rose';
import { thresholdAssembler } from '@maskloom/sam';
import { several } from '@maskloom/stacked-seg';
import { ms } from './lib/measure.mjs';
import { ASK, everyStage, image, openModels } from './lib/stage.mjs';

const RESOLUTION_MS = 1;
const MASKS = 100;
/** Masks at any value of their logits, an answer that asks for so many. */
const many = (recipe) =>
  compose(recipe)
    .with(LanguageModel, llavaLanguageModel({ forcedAnswer: 'star [SEG], '.repeat(MASKS) }))
    .with(Assembler, thresholdAssembler({ threshold: -1e9, minArea: 0 }));

/** The four systems on a photograph: a builder, a request; as many masks as they give, a hundred at most. */
const SYSTEMS = {
  'rose/patch': [
    compose(patch).with(Assembler, taskAssembler({ instance: { nmsIou: 1, minScore: 0 } })),
    { task: 'free' },
  ],
  'stacked-seg/several': [many(several), ASK],
  'read/full': [many(read), ASK],
  'lmseg/full': [
    compose(lmseg),
    { task: 'semantic', labels: Array.from({ length: MASKS }, (_, i) => `thing ${i}`) },
  ],
};

/** @returns rows of the report */
export async function measure({ rounds, quick }) {
  const models = openModels();
  const rows = [];
  const pipeline = await everyStage(read).on(models).build();
  for (const [width, height] of [
    [128, 128],
    [1600, 1200],
  ]) {
    const images = Array.from({ length: Math.max(quick ? 2 : 5, 2 * rounds) }, () => image(width, height));
    await pipeline.segment(image(width, height), ASK);
    const { p99, longest } = await delays(async () => {
      for (const one of images) await pipeline.segment(one, ASK);
    });
    rows.push({
      name: `event-loop delay while a ${width} x ${height} image is segmented, 99th percentile`,
      value: ms(p99),
      aim: '< 30 ms',
      good: p99 < 30,
      detail: `longest ${ms(longest)}, ${images.length} images`,
    });
  }
  const photograph = quick ? image(2000, 1500) : image(4000, 3000);
  for (const [name, [builder, request]] of Object.entries(SYSTEMS))
    rows.push(await onPhotograph(name, await builder.on(models).build(), request, photograph, quick ? 1 : 3));
  await models.dispose();
  return rows;
}

async function onPhotograph(name, pipeline, request, photograph, times) {
  await pipeline.segment(image(), request);
  let masks = 0;
  const { p99, longest } = await delays(async () => {
    for (let i = 0; i < times; i++) {
      const { segments } = await pipeline.segment({ ...photograph, sha256: `${name} ${i}` }, request);
      masks = segments.length;
    }
  });
  return {
    name: `event-loop delay while ${name} works on ${photograph.width} x ${photograph.height}, 99th percentile`,
    value: ms(p99),
    aim: '< 30 ms, longest < 100 ms',
    good: p99 < 30 && longest < 100,
    detail: `longest ${ms(longest)}, ${times} image${times > 1 ? 's' : ''}, ${masks} masks each`,
  };
}

/** Milliseconds by which the event loop was late while work was done. */
async function delays(work) {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  // The making of the images is over before anything is counted.
  await new Promise((resolve) => setTimeout(resolve, 50));
  monitor.enable();
  await work();
  monitor.disable();
  const late = (value) => Math.max(0, value / 1e6 - RESOLUTION_MS);
  return { p99: late(monitor.percentile(99)), longest: late(monitor.max) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await measure({ rounds: 3 }));
