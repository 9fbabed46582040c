// A photograph of twelve megapixels: resizing against Pillow, a model's input against Pillow and NumPy, masks at its size
// against torch and pycocotools; in turns, processor time on both sides. Needs the training kit's Python.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveMasks, resolveMasksInSlices } from '@maskloom/core';
import { resizeInSlices, toSamInput } from '@maskloom/runtime';
import { decodedBlobs } from './lib/logits.mjs';
import { ms, ratio } from './lib/measure.mjs';
import { photograph } from './lib/photograph.mjs';
import { hasPython, longestStall, openReference, processorTime, turns } from './lib/reference.mjs';

const SIZE = { width: 1024, height: 768 };
/** segment-anything's. */
const SAM = { imageSize: 1024, mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };
const MASKS = [10, 3];

/** @returns rows of the report */
export async function measure({ rounds, quick }) {
  if (!hasPython('photograph')) return [];
  const folder = mkdtempSync(join(tmpdir(), 'maskloom-bench-'));
  try {
    const image = photograph();
    const masks = decodedBlobs(MASKS[quick ? 1 : 0], { width: image.width, height: image.height });
    writeFileSync(join(folder, 'image.bin'), image.rgb);
    writeFileSync(join(folder, 'logits.bin'), masks.logits);
    const reference = await openReference('photograph_reference.py', folder);
    const rows = [
      await resizing(reference, image, 'bilinear', rounds),
      await resizing(reference, image, 'bicubic', rounds),
      await samInput(reference, image, rounds),
      await maskCodes(reference, masks, Math.min(rounds, 5)),
    ];
    await reference.end();
    return [...rows, await manyMasks()];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A row of the table, with the longest stall of the main thread. */
async function compare(reference, name, peers, title, aim, rounds, work, check) {
  let [mine, theirs, stall] = [undefined, undefined, 0];
  const spent = await turns(rounds, {
    theirs: async () => {
      const { ms: milliseconds, result } = await reference.ask(name);
      theirs = result;
      return milliseconds;
    },
    mine: async () => {
      stall = Math.max(stall, await longestStall(work));
      return processorTime(async () => (mine = await work()));
    },
  });
  return {
    key: `photograph/${name}`,
    cost: spent.cost,
    name: `${title}, over ${reference.named(...peers)}`,
    value: ratio(spent.mine / spent.theirs),
    aim: `<= ${aim}`,
    good: spent.mine / spent.theirs <= aim,
    detail: `${ms(spent.mine)} against ${ms(spent.theirs)}, ${check(mine, theirs)}; longest stall of the main thread ${ms(stall)}`,
  };
}

function resizing(reference, image, filter, rounds) {
  return compare(
    reference,
    filter,
    ['pillow'],
    `Resizing 4000 x 3000 to 1024 x 768, ${filter}`,
    0.6,
    rounds,
    () => resizeInSlices(image, SIZE, filter),
    (mine, theirs) => {
      if (sha256(mine.rgb) !== theirs) throw new Error(`${filter}: the values are not Pillow's.`);
      return "Pillow's values";
    },
  );
}

function samInput(reference, image, rounds) {
  return compare(
    reference,
    'sam',
    ['pillow', 'numpy'],
    "Pixels of 4000 x 3000 to SAM's input",
    0.7,
    rounds,
    async () => (await toSamInput(image, SAM)).tensor.data,
    (mine, theirs) => {
      if (sha256(mine) !== theirs) throw new Error("SAM's input is not NumPy's.");
      return 'the same values';
    },
  );
}

function maskCodes(reference, masks, rounds) {
  return compare(
    reference,
    'masks',
    ['torch', 'pycocotools'],
    `${masks.count} masks of 256 x 256 logits to run lengths at 4000 x 3000`,
    0.15,
    rounds,
    () => resolveMasksInSlices(masks),
    (mine, theirs) => {
      const equal = mine.masks.filter(({ counts }, n) => counts === theirs[n]).length;
      return `${equal} of ${masks.count} the same string`;
    },
  );
}

/** A hundred masks: time, and what the process grows by while they are made. */
async function manyMasks() {
  const masks = decodedBlobs(100, { width: 4000, height: 3000 }, 1, 5);
  resolveMasks({ ...masks, count: 1, logits: masks.logits.subarray(0, 65536), quality: new Float32Array(1) });
  const before = process.memoryUsage().rss;
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
  let resolved;
  const spent = await processorTime(async () => (resolved = await resolveMasksInSlices(masks)));
  peak = Math.max(peak, process.memoryUsage().rss);
  clearInterval(timer);
  const growth = (peak - before) / 2 ** 20;
  const codes = resolved.masks.reduce((sum, { counts }) => sum + counts.length, 0) / 2 ** 20;
  return {
    name: '100 masks at 4000 x 3000: growth of the process',
    value: `${growth.toFixed(0)} MiB`,
    aim: '<= 48 MiB',
    good: growth <= 48,
    detail: `${ms(spent / 100)} of processor time a mask; the run lengths themselves ${codes.toFixed(1)} MiB, bitmaps would be 1144 MiB`,
  };
}

function sha256({ buffer, byteOffset, byteLength }) {
  return createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await measure({ rounds: 7 }));
