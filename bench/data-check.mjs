// `maskloom data check` on panoptic pictures against a plain pass with Pillow and NumPy, processor time of the whole processes,
// by turns. Needs the training kit's Python (npm run training:setup).
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median, ratio } from './lib/measure.mjs';
import { hasPython, named, PYTHON } from './lib/reference.mjs';

const REFERENCE = fileURLToPath(new URL('panoptic_reference.py', import.meta.url));
const MASKLOOM = fileURLToPath(new URL('../packages/cli/bin/maskloom.js', import.meta.url));

/** @returns rows of the report */
export async function measure({ rounds, quick }) {
  if (!hasPython('data-check')) return [];
  const turns = String(quick ? 1 : Math.min(rounds, 5));
  const printed = execFileSync(PYTHON, [REFERENCE, process.execPath, MASKLOOM, turns, quick ? '8' : '1'], {
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
      detail: `${mine.toFixed(2)} s against ${theirs.toFixed(2)} s of processor time, starts included`,
    };
  });
}
