// `node many-prompts.mjs COUNT`: single points on one picture of 128 x 128, in a process of its own. Prints time and the highest
// resident memory in bytes.
import { compose } from '@maskloom/core';
import { prompted } from '@maskloom/sam';
import { peakBytes } from './peak.mjs';
import { image, openModels } from './stage.mjs';
import { pointPrompts } from './systems.mjs';

const count = Number(process.argv[2]);
const models = openModels();
const pipeline = await compose(prompted).on(models).build();
const start = performance.now();
const { segments } = await pipeline.segment(image(), { task: 'prompted', prompts: pointPrompts(count) });
const ms = performance.now() - start;
await pipeline.dispose();
await models.dispose();
console.log(JSON.stringify({ count, segments: segments.length, ms, peak: peakBytes() }));
