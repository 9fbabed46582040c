// `npm run bench [-- --only NAME,...] [--rounds N] [--write]`: what Maskloom costs, as ratios measured in one run.
// `--write` puts the table into docs/guides/benchmarks.md. Run it on a machine that does nothing else.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { root, setUp } from './setup.mjs';

const NAMES = [
  'sdk-overhead',
  'event-loop',
  'sharing',
  'kv-cache',
  'prompts',
  'suppression',
  'assemblers',
  'photograph',
  'rose',
  'lmseg',
  'lmseg-classes',
  'peers',
  'synth',
  'metrics',
  'coco-load',
  'data-check',
  'eval',
  'studio',
  'coordinator',
];
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '15' },
    write: { type: 'boolean' },
  },
});
const chosen = values.only?.split(',') ?? NAMES;
const unknown = chosen.find((name) => !NAMES.includes(name));
if (unknown !== undefined || !(Number(values.rounds) >= 1)) {
  console.error(`Usage: npm run bench [-- --only ${NAMES.join(',')}] [--rounds N] [--write]`);
  process.exit(2);
}

await setUp();
const load = loadavg()[0];
const rows = [];
for (const name of chosen) {
  process.stderr.write(`${name} ...\n`);
  const { measure } = await import(new URL(`../bench/${name}.mjs`, import.meta.url));
  rows.push(...(await measure({ rounds: Number(values.rounds) })));
}

const machine = `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), load ${load.toFixed(1)} at the start, ${values.rounds} rounds.`;
const verdict = (row) => (row.aim === undefined ? '' : `${row.aim}: ${row.good ? 'yes' : '**no**'}`);
const table = [
  '| measure | result | aim | of |',
  '| --- | --- | --- | --- |',
  ...rows.map((row) => `| ${row.name} | ${row.value} | ${verdict(row)} | ${row.detail} |`),
].join('\n');
console.log(`${machine}\n\n${table}`);

if (values.write) {
  const { format, resolveConfig } = await import('prettier');
  const path = `${root}docs/guides/benchmarks.md`;
  const page = readFileSync(path, 'utf8').replace(
    /(<!-- bench -->\n)[\s\S]*?(<!-- \/bench -->)/,
    (_, open, close) => `${open}\n${machine}\n\n${table}\n\n${close}`,
  );
  writeFileSync(path, await format(page, { ...(await resolveConfig(path)), filepath: path }));
  console.error(`wrote ${fileURLToPath(new URL(`file://${path}`))}`);
}
