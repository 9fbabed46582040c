// Run-length codes and COCO's average precision against pycocotools, in turns on one machine, processor time on both sides
// (Node's garbage collector and compiler threads included). Needs the training kit's Python (npm run training:setup):
// without it there is nothing to compare with.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeMask, indexMasks, iouTable, maskArea, mergeMasks } from '@maskloom/core';
import { cocoApMeasure, cocoStats, semanticMeasure } from '@maskloom/metrics';
import { makeClassMaps, makeScenes, makeMasks, makeTables } from './lib/mask-data.mjs';
import { ms, ratio } from './lib/measure.mjs';
import { fasterCocoEval } from './lib/faster-coco-eval.mjs';
import { hasPython, openReference, processorTime, turns } from './lib/reference.mjs';

const IMAGES = [2000, 100];
const CLASSES = 150;
/** Class maps, and how many images they stand for where intervals are drawn. */
const SCENES = 20;
const REPEATED = 2000;
const DRAWS = 1000;

/** @returns rows of the report */
export async function measure({ rounds, quick }) {
  if (!hasPython('metrics')) return [];
  const folder = mkdtempSync(join(tmpdir(), 'maskloom-bench-'));
  try {
    const masks = makeMasks(100);
    const tables = makeTables(40);
    writeFileSync(join(folder, 'tables.json'), JSON.stringify({ masks: masks.shape, pairs: tables }));
    writeFileSync(join(folder, 'masks.bin'), masks.all);
    const maps = makeClassMaps(SCENES, CLASSES);
    for (const [i, { truth, prediction }] of maps.entries()) {
      writeFileSync(join(folder, `truth-${i}.bin`), truth);
      writeFileSync(join(folder, `prediction-${i}.bin`), prediction);
    }
    const about = { classes: CLASSES, images: REPEATED, maps: maps.length, draws: DRAWS };
    writeFileSync(join(folder, 'semantic.json'), JSON.stringify(about));
    const faster = await fasterCocoEval();
    const reference = await openReference('metrics_reference.py', folder, faster.folder ?? '');
    // The scenes come last: collecting garbage takes longer beside them.
    const rows = [
      ...(await compareCodes(reference, masks, tables, Math.max(rounds, 15))),
      ...(await compareSemantic(reference, maps, rounds)),
    ];
    const scenes = makeScenes(IMAGES[quick ? 1 : 0]);
    for (const kind of ['truths', 'detections']) {
      writeFileSync(join(folder, `${kind}.json`), JSON.stringify(scenes[kind]));
    }
    const few = quick ? rounds : Math.min(rounds, 3);
    rows.unshift(
      await compareAp(reference, scenes, ['ap', 'pycocotools', 2], few),
      await compareAp(reference, scenes, ['faster-ap', 'faster-coco-eval', 1, faster.missing], few),
    );
    await reference.end();
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compareAp(reference, scenes, [key, peer, aim, missing], rounds) {
  const title = `COCO mask AP over ${scenes.truths.images.length} images, against`;
  if (missing !== undefined)
    return { key: `metrics/${key}`, name: `${title} ${peer}`, value: 'not measured', detail: missing };
  const stats = { theirs: [], mine: [] };
  const spent = await turns(rounds, {
    theirs: async () => {
      const { ms: milliseconds, result } = await reference.ask(key);
      stats.theirs = result;
      return milliseconds;
    },
    mine: () => processorTime(() => (stats.mine = averagePrecision(scenes))),
  });
  const apart = Math.max(...stats.mine.map((value, i) => Math.abs(value - stats.theirs[i])));
  if (!(apart < 1e-9)) throw new Error(`The twelve figures differ by ${apart}.`);
  const detail = `twelve figures equal to ${apart.toExponential(0)}`;
  return row(key, `${title} ${reference.named(peer)}`, spent, aim, detail);
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
  const rles = masks.each.map((pixels) => encodeMask(pixels, width, height));
  const merged = await turns(rounds, {
    theirs: ask('merge'),
    mine: () => processorTime(() => Array.from({ length: 20 }, () => mergeMasks(rles))),
  });
  const tablesSpent = await turns(rounds, { theirs: ask('iou'), mine: iou });
  const pairs = tables.reduce((sum, [a, b]) => sum + a.length * b.length, 0);
  const area = masks.each.reduce((sum, pixels) => sum + maskArea(encodeMask(pixels, width, height)), 0);
  const peer = reference.named('pycocotools');
  const what = `${count} masks of ${width} x ${height}, ${Math.round((100 * area) / masks.all.length)} % set`;
  return [
    row(
      'encode',
      `RLE encoding of masks in memory order, against ${peer} (transposed, then C)`,
      byRows,
      1,
      what,
    ),
    row('encode-columns', `RLE encoding, ${peer} given transposed masks`, byColumns, 1, what),
    row(
      'merge',
      `Union of ${count} compressed masks, against ${peer} (C)`,
      merged,
      1 / 0.8,
      `20 times; ${what}`,
    ),
    row('iou', `IoU of compressed masks, against ${peer} (C)`, tablesSpent, 1, `${pairs} pairs of 640 x 480`),
  ];
}

function row(key, name, { theirs, mine, cost }, aim, detail) {
  return {
    key: `metrics/${key}`,
    cost,
    name,
    value: ratio(theirs / mine),
    aim: `>= ${aim}`,
    good: theirs / mine >= aim,
    detail: `${ms(theirs)} against ${ms(mine)}; ${detail}`,
  };
}

/** Confusion of class maps, and the intervals of every figure that is made of it. */
async function compareSemantic(reference, maps, rounds) {
  const names = Array.from({ length: CLASSES }, (_, i) => `class ${i}`);
  const measure = semanticMeasure({ classes: names });
  const ask = (name) => async () => {
    const { ms: milliseconds, result } = await reference.ask(name);
    found.theirs = result;
    return milliseconds;
  };
  const found = { theirs: 0, mine: 0 };
  const agree = () => {
    if (!(Math.abs(found.mine - found.theirs) < 1e-9)) throw new Error(`${found.mine}, not ${found.theirs}`);
  };
  const parts = maps.map((map) => measure.count(map));
  const counted = await turns(rounds, {
    theirs: ask('miou'),
    mine: () =>
      processorTime(() => {
        const sums = measure.accumulator();
        maps.forEach((map, i) => sums.add(i, measure.count(map)));
        found.mine = sums.result({ intervals: false }).figures.mIoU.value;
      }),
  });
  agree();
  const drawn = measure.accumulator();
  for (let i = 0; i < REPEATED; i++) drawn.add(i, parts[i % parts.length]);
  const all = Object.keys(drawn.result({ intervals: false }).figures);
  // The first few rounds are compiled while they run.
  const intervals = await turns(Math.max(rounds, 15), {
    theirs: ask('intervals'),
    mine: () =>
      processorTime(() => {
        found.mine = drawn.result({ intervals: true, only: all, draws: DRAWS }).figures.mIoU.value;
      }),
  });
  agree();
  const { width, height } = maps[0];
  return [
    row(
      'miou',
      `mIoU of ${CLASSES} classes, against ${reference.named('numpy')}`,
      counted,
      1 / 0.8,
      `${maps.length} images of ${width} x ${height}`,
    ),
    row(
      'intervals',
      `Intervals of all ${all.length} semantic figures, against ${reference.named('numpy')}`,
      intervals,
      1 / 0.8,
      `${REPEATED} images, ${DRAWS} draws`,
    ),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await measure({ rounds: 5 }));
