// What `npm run profile -- IMAGE` runs: a recipe on an image, once to warm up and then TIMES times. Which part of the process's life
// those were is written to OUT/window.json, on the clock that profiles are stamped with, in microseconds.
// node recipe.mjs OUT TIMES IMAGE SYSTEM REQUEST, the last as JSON
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose } from '@maskloom/core';
import { folderBundle, loadImage, onnx } from '@maskloom/runtime';
import { createDefaultRegistry } from 'maskloom';

const [out, times, picture, system, request] = process.argv.slice(2);
const recipe = createDefaultRegistry().recipe(system);
const asked = { task: recipe.tasks[0], ...JSON.parse(request) };
const models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu' });
const pipeline = await compose(recipe).on(models).build();
const now = () => Number(process.hrtime.bigint() / 1000n);
await pipeline.segment(await loadImage(picture), asked);
const from = now();
for (let i = 0; i < Number(times); i++) await pipeline.segment(await loadImage(picture), asked);
writeFileSync(join(out, 'window.json'), JSON.stringify({ from, until: now() }));
await pipeline.dispose();
await models.dispose();
