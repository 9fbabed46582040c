// Greedy suppression of masks at the decoder's resolution, against torch (all intersections in one product of matrices), in
// turns, processor time on both sides; and how long the main thread's other work waits. Needs the training kit's Python.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { maskNms } from '@maskloom/sam';
import { decodedBlobs } from './lib/logits.mjs';
import { ms, ratio } from './lib/measure.mjs';
import { hasPython, longestStall, openReference, processorTime, turns } from './lib/reference.mjs';

const LIMIT = 0.5;
const AIMS = [
  [100, 0.3],
  [1000, 0.1],
];

/** @returns rows of the report */
export async function measure({ rounds, quick }) {
  if (!hasPython('suppression')) return [];
  const folder = mkdtempSync(join(tmpdir(), 'maskloom-bench-'));
  try {
    const sets = (quick ? AIMS.slice(0, 1) : AIMS).map(([count, aim]) => ({
      count,
      aim,
      masks: decodedBlobs(count, { width: 1024, height: 1024 }, 3),
    }));
    for (const { count, masks } of sets) writeFileSync(join(folder, `${count}.bin`), masks.logits);
    const reference = await openReference(
      'suppression_reference.py',
      folder,
      ...sets.map(({ count }) => `${count}`),
    );
    const rows = [];
    for (const { count, aim, masks } of sets) rows.push(await compare(reference, count, aim, masks, rounds));
    await reference.end();
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compare(reference, count, aim, masks, rounds) {
  const scores = [...masks.quality];
  let [kept, theirs, stall] = [[], [], 0];
  const spent = await turns(Math.min(rounds, count > 500 ? 5 : 15), {
    theirs: async () => {
      const { ms: milliseconds, result } = await reference.ask(`${count}`);
      theirs = result;
      return milliseconds;
    },
    mine: async () => {
      stall = await longestStall(async () => (kept = await maskNms(masks, scores, LIMIT)));
      return processorTime(() => maskNms(masks, scores, LIMIT));
    },
  });
  if (kept.join() !== theirs.join())
    throw new Error(`${kept.length} masks stay, ${theirs.length} with torch.`);
  return {
    key: `suppression/${count}`,
    cost: spent.cost,
    name: `Suppression of ${count} masks of 256 x 256, over ${reference.named('torch')}`,
    value: ratio(spent.mine / spent.theirs),
    aim: `<= ${aim}`,
    good: spent.mine / spent.theirs <= aim,
    detail: `${ms(spent.mine)} against ${ms(spent.theirs)}, the same ${kept.length} stay; longest stall of the main thread ${ms(stall)}`,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await measure({ rounds: 5 }));
