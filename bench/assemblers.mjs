// ROSE's assemblers on a hundred decoded masks at 1280 x 960, nothing suppressed: processor time, and how long the main thread's
// other work waits; LMSeg's assembler on a small picture and a long list of labels, with scores made up beforehand.
import { fileURLToPath } from 'node:url';
import { fakeRun } from '@maskloom/core/conformance';
import { semanticAssembler as lmsegAssembler } from '@maskloom/lmseg';
import { instanceAssembler, panopticAssembler, semanticAssembler } from '@maskloom/rose';
import { decodedBlobs } from './lib/logits.mjs';
import { median, ms } from './lib/measure.mjs';
import { longestStall, processorTime } from './lib/reference.mjs';

const COUNT = 100;
const IMAGE = { width: 1280, height: 960 };
const NAMES = 20;
const LABELS = [600, 150];
/** What the stages read of a bundle: nothing of their own, so that their defaults hold. */
const CONTEXT = { models: { preset: () => ({}) } };

/** @returns rows of the report */
export async function measure({ rounds, quick }) {
  const masks = decodedBlobs(COUNT, IMAGE);
  const labels = Array.from(masks.quality, (score, n) => ({ label: `name ${n % NAMES}`, score }));
  const stages = {
    semantic: semanticAssembler({ nmsIou: 1 }),
    panoptic: panopticAssembler({ nmsIou: 1 }),
    instance: instanceAssembler({ nmsIou: 1, minScore: 0 }),
  };
  const rows = [];
  for (const [name, spec] of Object.entries(stages)) {
    const stage = await spec.create(CONTEXT);
    const work = () => stage.assemble(masks, labels, fakeRun());
    const title = `rose/${name}-assembler, ${COUNT} masks at ${IMAGE.width} x ${IMAGE.height}`;
    rows.push(await row(title, work, 300, rounds));
  }
  const stage = await lmsegAssembler().create(CONTEXT);
  const count = LABELS[quick ? 1 : 0];
  const query = lmsegQuery(count);
  const work = () => stage.assemble(query, fakeRun());
  rows.push(await row(`lmseg/semantic-assembler, ${count} labels on 128 x 128`, work, 400, rounds));
  return rows;
}

async function row(name, work, aim, rounds) {
  const [times, stalls] = [[], []];
  let segments = [];
  for (let round = -1; round < Math.min(rounds, 5); round++) {
    const spent = await processorTime(async () => void (segments = await work()));
    const stall = await longestStall(work);
    if (round >= 0) [times, stalls].forEach((list, i) => list.push([spent, stall][i]));
  }
  const [spent, stall] = [median(times), median(stalls)];
  return {
    name,
    value: ms(spent),
    aim: `<= ${aim} ms, no stall over 100 ms`,
    good: spent <= aim && stall <= 100,
    detail: `processor time; longest stall of the main thread ${ms(stall)}; ${segments.length} segments`,
  };
}

/** Scores of five views of a picture as the tiny bundle has them: windows of 128 pixels on a canvas of 213, and the whole. */
function lmsegQuery(count) {
  const image = { width: 128, height: 128, rgb: new Uint8Array(0), sha256: '' };
  const windows = [0, 85].flatMap((y) => [0, 85].map((x) => ({ image, kind: 'window', x, y })));
  const views = [...windows, { image, kind: 'global', x: 0, y: 0 }];
  const [rows, columns, chunk] = [64, 64, 50];
  const logits = Array.from({ length: count / chunk }, (_, c) =>
    views.map((_view, v) =>
      Float32Array.from({ length: chunk * rows * columns }, (_cell, i) => {
        const [k, y, x] = [
          c * chunk + Math.floor(i / (rows * columns)),
          Math.floor(i / columns) % rows,
          i % columns,
        ];
        return (
          2 * Math.sin(0.05 * x * (1 + (k % 7)) + k) * Math.cos(0.04 * y * (1 + (k % 5)) + v + 2 * k) -
          2 +
          Math.sin(k * k)
        );
      }),
    ),
  );
  const scores = {
    chunks: logits.length,
    scores: async (c) => ({
      classes: Array.from({ length: chunk }, (_, i) => c * chunk + i),
      rows,
      columns,
      logits: logits[c],
    }),
  };
  const labels = Array.from({ length: count }, (_, i) => `thing ${i}`);
  return { image, plan: { canvas: { width: 213, height: 213 }, views }, labels, scores };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await measure({ rounds: 3 }));
