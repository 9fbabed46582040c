// `node many-labels.mjs LABELS MODE WIDTH HEIGHT [BUNDLE]`: LMSeg over so many labels, in a process of its own.
// Prints time and the highest resident memory, in bytes.
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, PromptWriter, Tiler } from '@maskloom/core';
import { makeScene } from '@maskloom/synth';
import { bareName, denseViews, full } from '@maskloom/lmseg';
import { folderBundle, onnx } from '@maskloom/runtime';
import { peakBytes } from '../../bench/lib/peak.mjs';

const [labels, mode, width, height] = process.argv.slice(2);
const [w, h] = [Number(width), Number(height)];
const models = onnx({ bundle: folderBundle(process.argv[6] ?? bundleDirectory), device: 'cpu' });
const pipeline = await compose(full)
  .with(Tiler, denseViews({ mode }))
  .with(PromptWriter, bareName())
  .on(models)
  .build();
const { rgb } = makeScene(8_950_000, w, h);
const image = { rgb, width: w, height: h, sha256: 'many labels' };
const names = Array.from({ length: Number(labels) }, (_, i) => `thing ${i.toString(36)}`);
const before = process.memoryUsage.rss();
const start = performance.now();
const { segments } = await pipeline.segment(image, { task: 'semantic', labels: names });
const ms = performance.now() - start;
const area = segments.reduce((sum, segment) => sum + segment.area, 0);
// Of the whole life of the process, native memory included.
const peak = peakBytes();
await pipeline.dispose();
console.log(
  JSON.stringify({
    labels: names.length,
    mode,
    ms,
    before,
    peak,
    area,
    pixels: w * h,
    liveTensors: models.liveTensors,
  }),
);
await models.dispose();
