// How processor time and memory grow with what is asked for: pictures' size, prompts, names, labels, pictures of a comparison,
// scenes of an evaluation. Every size is measured in a process of its own. `node bench/growth.mjs [AXIS,...]` measures some.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeDataSets, writePictures, writeScenes } from './growth/files.mjs';
import { median } from './lib/measure.mjs';
import { slopeOf } from './lib/slope.mjs';

const RUN = fileURLToPath(new URL('./growth/run.mjs', import.meta.url));
const MOST = 1.05;
const MIB = 2 ** 20;
/** Two runs of the same differ by a tenth, and by this: milliseconds of processor time, memory that the heap happens to keep. */
const NOISE = { cpu: 100, peak: 24 * MIB };
/** Turns of a size; a quick run has one, of the axes that have `quick` sizes. */
const TURNS = 3;
/** A size that takes longer is measured once. */
const LONG_MS = 10_000;

const PICTURES = [
  [128, 128],
  [750, 500],
  [1500, 1000],
  [3000, 2000],
  [6000, 4000],
];
const PIXELS = PICTURES.map(([width, height]) => width * height);
const TENS = [10, 100, 1000, 10_000];
const AXES = [
  ...['read/full', 'rose/patch', 'lmseg/full'].map((recipe) => ({
    id: `image ${recipe}`,
    title: `pixels of a picture, ${recipe} (read, segmented, painted)`,
    sizes: PIXELS,
    ...(recipe === 'rose/patch' && { quick: PIXELS.slice(0, -1) }),
    prepare: (folder) => writePictures(folder, PICTURES),
  })),
  {
    id: 'prompts',
    title: 'points on a picture, sam/prompted',
    sizes: [1, 10, 100, 300, 1000],
    quick: [1, 100, 500],
  },
  { id: 'names', title: 'names written by ROSE', sizes: [10, 100, 1000, 3000, 10_000] },
  { id: 'mapping', title: 'names taken for one of 100 classes', sizes: TENS },
  { id: 'labels all', title: "LMSeg's labels, all through the aggregator", sizes: TENS },
  { id: 'labels best', title: "LMSeg's labels, the best 64 (topK)", sizes: TENS },
  {
    id: 'pictures',
    title: 'pictures compared by two systems',
    sizes: [10, 40, 200, 1000],
    quick: [5, 10, 40],
    prepare: (folder, sizes) => writeScenes(folder, sizes.at(-1)),
  },
  {
    id: 'scenes',
    title: 'scenes evaluated by two protocols',
    sizes: [100, 200, 1000, 5000],
    quick: [10, 50, 200],
    prepare: (folder, sizes) => writeDataSets(folder, sizes),
  },
];

/** @returns rows of the report */
export async function measure({ quick = false, only }) {
  const rows = [];
  for (const axis of AXES) {
    if (only !== undefined && !only.includes(axis.id.split(' ')[0]) && !only.includes(axis.id)) continue;
    const sizes = quick ? axis.quick : axis.sizes;
    if (sizes === undefined) continue;
    const folder = mkdtempSync(join(tmpdir(), 'maskloom-bench-'));
    try {
      await axis.prepare?.(folder, sizes);
      const costs = [];
      for (const size of sizes) costs.push(await costOf(axis.id, size, folder, quick ? 1 : TURNS));
      rows.push(
        row(
          axis,
          sizes,
          'time',
          costs.map(({ cpu }) => cpu),
          NOISE.cpu,
          seconds,
        ),
        row(
          axis,
          sizes,
          'memory',
          costs.map(({ peak }) => peak),
          NOISE.peak,
          mebibytes,
        ),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return rows;
}

/** Median processor time and memory of one size. */
async function costOf(axis, size, folder, turns) {
  const costs = [];
  do {
    const { stdout } = await promisify(execFile)(process.execPath, [RUN, axis, String(size), folder], {
      maxBuffer: 2 ** 26,
    });
    costs.push(JSON.parse(stdout));
  } while (costs.length < turns && costs[0].cpu < LONG_MS);
  const middle = (kind) => median(costs.map((cost) => cost[kind]));
  return { cpu: middle('cpu'), peak: middle('peak') };
}

function row({ title }, sizes, what, costs, noise, text) {
  const grown = slopeOf(sizes, costs, Math.max(noise, costs[0] / 10));
  const count = (size) => size.toLocaleString('en');
  return {
    name: `growth of ${what} with ${title}`,
    value: grown === undefined ? 'flat' : `${grown.least ? '>= ' : ''}${grown.slope.toFixed(2)}`,
    aim: `slope <= ${MOST}`,
    good: grown === undefined || grown.slope <= MOST,
    detail: sizes.map((size, i) => `${count(size)}: ${text(costs[i])}`).join(', '),
  };
}

const seconds = (ms) => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
const mebibytes = (bytes) => `${(bytes / MIB).toFixed(0)} MiB`;

if (process.argv[1] === import.meta.filename) {
  const rows = await measure({ only: process.argv[2]?.split(',') });
  for (const { name, value, good, detail } of rows)
    console.log(`${good ? ' ' : '!'} ${value}  ${name}: ${detail}`);
}
