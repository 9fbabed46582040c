// `node scripts/parity-real.mjs [--only NAME,...] [--dtype f32,...] [--threads N] [--write]`: the SDK against PyTorch at
// the widths of published checkpoints, with random weights. Needs the training kit, 12 GB of memory and 12 GB in the
// temporary folder; a case takes minutes. `--write` puts what was found into docs/measured/parity-real.json, from which
// the guide's table is made. Ends with 1 when a figure is outside its limit.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { MEASURED, parityTable } from './lib/parity-table.mjs';
import { root, setUp } from './setup.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    dtype: { type: 'string' },
    threads: { type: 'string', default: '2' },
    write: { type: 'boolean' },
  },
});
const training = join(root, 'training');
const python = (...args) =>
  execFileSync(join(training, '.venv/bin/python'), ['-m', 'large.parity', ...args], {
    cwd: training,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
const names = python('--list').trim().split('\n');
const chosen = values.only?.split(',') ?? names;
const unknown = chosen.find((name) => !names.includes(name));
if (unknown !== undefined) {
  console.error(`There is no case '${unknown}'; there are: ${names.join(', ')}`);
  process.exit(2);
}

await setUp();
const folder = mkdtempSync(join(tmpdir(), 'maskloom-parity-'));
const found = {};
try {
  for (const name of chosen) {
    process.stderr.write(`${name} ...\n`);
    const out = join(folder, `${name}.json`);
    const dtypes = values.dtype === undefined ? [] : ['--dtype', ...values.dtype.split(',')];
    python(name, '--out', out, '--threads', values.threads, ...dtypes);
    found[name] = JSON.parse(readFileSync(out, 'utf8'));
    console.log(`${parityTable({ cases: { [name]: found[name] } })}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

if (values.write) {
  const path = join(root, MEASURED);
  mkdirSync(join(path, '..'), { recursive: true });
  const before = readMeasured(path);
  const all = { ...before.cases };
  for (const [name, one] of Object.entries(found))
    all[name] = { ...one, rows: merged(all[name]?.rows, one.rows) };
  const cases = Object.fromEntries(names.filter((name) => name in all).map((name) => [name, all[name]]));
  const text = JSON.stringify({ command: 'node scripts/parity-real.mjs --write', cases });
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
  console.error(`wrote ${MEASURED}; run node scripts/docs-figures.mjs`);
}
const bad = Object.values(found).flatMap(({ rows }) => rows.filter(({ good }) => !good));
process.exitCode = bad.length === 0 ? 0 : 1;

/** What was found now in the place of what was known of the same forms. */
function merged(known = [], now) {
  const forms = new Set(now.map(({ dtype }) => dtype));
  return [...known.filter(({ dtype }) => !forms.has(dtype)), ...now];
}

function readMeasured(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return { cases: {} };
  }
}
