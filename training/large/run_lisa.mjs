// One question about one photograph by a converted LISA at full size: memory, time per stage, and how long the event loop
// was held. Prints JSON.
//
//     node training/large/run_lisa.mjs BUNDLE PHOTO [TEXT]
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { compose, LanguageModel } from '@maskloom/core';
import { llavaLanguageModel } from '@maskloom/llava';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';
import { single } from '@maskloom/stacked-seg';

const [bundle, photo, text = 'the dog'] = process.argv.slice(2);
if (bundle === undefined || photo === undefined) {
  console.error('usage: node training/large/run_lisa.mjs BUNDLE PHOTO [TEXT]');
  process.exit(2);
}
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const started = performance.now();
const models = onnx({ bundle: folderBundle(bundle), device: 'cpu' });
const pipeline = await compose(single)
  .with(LanguageModel, llavaLanguageModel({ maxNewTokens: 12 }))
  .on(models)
  .build();
const opened = performance.now();
const image = await loadImage(photo);
const prediction = await pipeline.segment(image, { task: 'referring', text });
const ended = performance.now();
delay.disable();
const seconds = (ms) => Number((ms / 1000).toFixed(2));
console.log(
  JSON.stringify(
    {
      answer: prediction.answer,
      masks: prediction.segments.length,
      openSeconds: seconds(opened - started),
      segmentSeconds: seconds(ended - opened),
      stages: prediction.stages.map(({ slot, ms }) => ({ slot, seconds: seconds(ms) })),
      peakGigabytes: Number((process.resourceUsage().maxRSS / 1e6).toFixed(2)),
      eventLoopMs: {
        p99: Number((delay.percentile(99) / 1e6).toFixed(1)),
        max: Number((delay.max / 1e6).toFixed(1)),
      },
    },
    null,
    1,
  ),
);
await pipeline.dispose();
await models.dispose();
