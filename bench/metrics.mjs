// Run-length codes and COCO's average precision against pycocotools, in turns on one machine, processor time on both sides
// (Node's garbage collector and compiler threads included). Needs the training kit's Python (npm run training:setup):
// without it there is nothing to compare with.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { encodeMask, indexMasks, iouTable, maskArea } from '@maskloom/core';
import { cocoApMeasure, cocoStats } from '@maskloom/metrics';
import { makeScenes, makeMasks, makeTables } from './lib/mask-data.mjs';
import { median, ms, ratio } from './lib/measure.mjs';

const PYTHON = fileURLToPath(new URL('../training/.venv/bin/python', import.meta.url));
const REFERENCE = fileURLToPath(new URL('metrics_reference.py', import.meta.url));
const IMAGES = 2000;

/** @returns rows of the report */
export async function measure({ rounds }) {
  if (!existsSync(PYTHON)) {
    console.error('metrics: not run, there is no training/.venv (npm run training:setup).');
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), 'maskloom-bench-'));
  try {
    const scenes = makeScenes(IMAGES);
    const masks = makeMasks(100);
    const tables = makeTables(40);
    writeFileSync(join(folder, 'truths.json'), JSON.stringify(scenes.truths));
    writeFileSync(join(folder, 'detections.json'), JSON.stringify(scenes.detections));
    writeFileSync(join(folder, 'tables.json'), JSON.stringify({ masks: masks.shape, pairs: tables }));
    writeFileSync(join(folder, 'masks.bin'), masks.all);
    const reference = openReference(folder);
    const rows = [
      ...(await compareAp(reference, scenes, Math.min(rounds, 3))),
      ...(await compareCodes(reference, masks, tables, rounds)),
    ];
    await reference.end();
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compareAp(reference, scenes, rounds) {
  const stats = { theirs: [], mine: [] };
  const spent = await turns(rounds, {
    theirs: async () => {
      const { ms: milliseconds, result } = await reference.ask('ap');
      stats.theirs = result;
      return milliseconds;
    },
    mine: () => processorTime(() => (stats.mine = averagePrecision(scenes))),
  });
  const apart = Math.max(...stats.mine.map((value, i) => Math.abs(value - stats.theirs[i])));
  if (!(apart < 1e-9)) throw new Error(`The twelve figures differ by ${apart}.`);
  return [
    row(
      `COCO mask AP over ${IMAGES} images, against pycocotools`,
      spent,
      2,
      `twelve figures equal to ${apart.toExponential(0)}`,
    ),
  ];
}

function averagePrecision({ truths, detections }) {
  const images = new Map(truths.images.map((image) => [image.id, { ...image, truths: [], detections: [] }]));
  for (const { image_id: id, category_id: categoryId, area, iscrowd, segmentation } of truths.annotations) {
    images.get(id).truths.push({ categoryId, area, crowd: iscrowd === 1, mask: segmentation });
  }
  for (const { image_id: id, category_id: categoryId, score, segmentation } of detections) {
    images.get(id).detections.push({ categoryId, score, mask: segmentation });
  }
  const measure = cocoApMeasure({ categories: truths.categories });
  const sums = measure.accumulator();
  for (const [id, image] of images) sums.add(id, measure.count(image));
  return cocoStats(sums.result({ intervals: false }));
}

async function compareCodes(reference, masks, tables, rounds) {
  const [count, height, width] = masks.shape;
  const ask = (name) => async () => (await reference.ask(name)).ms;
  const encode = () =>
    processorTime(() => {
      for (const pixels of masks.each) encodeMask(pixels, width, height);
    });
  const iou = () =>
    processorTime(() => {
      for (const [detections, truths] of tables) {
        iouTable(indexMasks(detections), indexMasks(truths));
      }
    });
  const byRows = await turns(rounds, { theirs: ask('encode'), mine: encode });
  const byColumns = await turns(rounds, { theirs: ask('encode-columns'), mine: encode });
  const tablesSpent = await turns(rounds, { theirs: ask('iou'), mine: iou });
  const pairs = tables.reduce((sum, [a, b]) => sum + a.length * b.length, 0);
  const area = masks.each.reduce((sum, pixels) => sum + maskArea(encodeMask(pixels, width, height)), 0);
  const what = `${count} masks of ${width} x ${height}, ${Math.round((100 * area) / masks.all.length)} % set`;
  return [
    row('RLE encoding of masks in memory order, against pycocotools (transposed, then C)', byRows, 1, what),
    row('RLE encoding, pycocotools given transposed masks', byColumns, 1, what),
    row('IoU of compressed masks, against pycocotools (C)', tablesSpent, 1, `${pairs} pairs of 640 x 480`),
  ];
}

function row(name, { theirs, mine }, aim, detail) {
  return {
    name,
    value: ratio(theirs / mine),
    aim: `>= ${aim}`,
    good: theirs / mine >= aim,
    detail: `${ms(theirs)} against ${ms(mine)}; ${detail}`,
  };
}

/** Milliseconds that this process worked, in all threads. */
function processorTime(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Median milliseconds of two pieces of work that say themselves how long they took, in turns; one turn warms up. */
async function turns(rounds, works) {
  const times = { theirs: [], mine: [] };
  for (let round = -1; round < rounds; round++) {
    for (const name of round % 2 === 0 ? ['theirs', 'mine'] : ['mine', 'theirs']) {
      const spent = await works[name]();
      if (round >= 0) times[name].push(spent);
    }
  }
  return { theirs: median(times.theirs), mine: median(times.mine) };
}

/** The Python process: one line in, one line out. */
function openReference(folder) {
  const child = spawn(PYTHON, [REFERENCE, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(name) {
      child.stdin.write(`${name}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('The reference process ended.');
      return JSON.parse(value);
    },
    end: () =>
      new Promise((resolve) => {
        child.once('exit', resolve);
        child.stdin.end();
      }),
  };
}
