// LMSeg: time and peak memory over long lists of labels, each in a process of its own, as memory must be measured.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SCRIPT = fileURLToPath(new URL('../test/faults/many-labels.mjs', import.meta.url));
const LIMIT_GIB = 4;

/** @returns rows of the report */
export async function measure({ quick } = {}) {
  const rows = [];
  for (const labels of quick ? [171] : [171, 847, 10_000]) {
    const args = [SCRIPT, String(labels), 'sliding', ...(quick ? ['256', '192'] : ['1024', '768'])];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { ms, peak } = JSON.parse(stdout);
    const gib = peak / 2 ** 30;
    rows.push({
      name: `LMSeg, ${labels.toLocaleString('en')} labels on ${args[3]} x ${args[4]}: peak memory of the process`,
      value: `${gib.toFixed(2)} GiB`,
      aim: `under ${LIMIT_GIB} GiB`,
      good: gib < LIMIT_GIB,
      detail: `sliding, ${(ms / 1000).toFixed(0)} s`,
    });
  }
  return rows;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await measure());
