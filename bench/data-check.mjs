// `maskloom data check` on panoptic pictures against a plain pass with Pillow and NumPy, processor time of the whole processes,
// by turns. The command and its packages are those that are published, with their files joined. Needs the training kit's Python
// (npm run training:setup). `node bench/data-check.mjs [ROUNDS]` measures by itself.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, ratio } from './lib/measure.mjs';
import { stagePublished } from './lib/published.mjs';
import { hasPython, named, PYTHON } from './lib/reference.mjs';

const REFERENCE = fileURLToPath(new URL('panoptic_reference.py', import.meta.url));
const NEEDED = ['masks', 'core', 'runtime', 'data', 'maskloom'];

/** @returns rows of the report */
export async function measure({ rounds, quick }) {
  if (!hasPython('data-check')) return [];
  const maskloom = join(
    await stagePublished(NEEDED, 'data-check'),
    '../node_modules/maskloom/bin/maskloom.js',
  );
  const turns = String(quick ? 1 : Math.min(rounds, 5));
  const printed = execFileSync(PYTHON, [REFERENCE, process.execPath, maskloom, turns, quick ? '8' : '1'], {
    encoding: 'utf8',
  });
  const { versions, sets } = JSON.parse(printed);
  const peers = named(versions, ['pillow', 'numpy']);
  return sets.map(({ pictures, width, height, ours, plain }) => {
    const [mine, theirs] = [median(ours), median(plain)];
    return {
      name: `data check of ${pictures} panoptic pictures of ${width} x ${height}, against a plain pass of ${peers}`,
      value: ratio(mine / theirs),
      aim: '<= 2',
      good: mine / theirs <= 2,
      detail: `${mine.toFixed(2)} s against ${theirs.toFixed(2)} s of processor time, starts included; the packages as published`,
    };
  });
}

if (process.argv[1] === import.meta.filename)
  console.table(await measure({ rounds: Number(process.argv[2] ?? 5), quick: false }));
