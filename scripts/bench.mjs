// `npm run bench [-- --only NAME,...] [--rounds N] [--quick] [--write]`: what Maskloom costs, as ratios measured in one run.
// `--write` puts the table into docs/guides/benchmarks.md. Run it on a machine that does nothing else. `--quick` takes minutes
// instead of an hour: few rounds, small sizes, and without the benchmarks that say why they can't be quick (`notQuick`).
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
  'report-page',
  'growth',
  'start',
];
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean' },
  },
});
const chosen = values.only?.split(',') ?? NAMES;
const unknown = chosen.find((name) => !NAMES.includes(name));
const { quick } = values;
const rounds = Number(values.rounds ?? (quick ? 2 : 15));
if (unknown !== undefined || !(rounds >= 1)) {
  console.error(`Usage: npm run bench [-- --only ${NAMES.join(',')}] [--rounds N] [--quick | --write]`);
  process.exit(2);
}
if (quick && values.write) {
  console.error(
    '--quick measures few rounds at small sizes: the guide takes whole runs. Leave out --quick or --write.',
  );
  process.exit(2);
}

await setUp();
const load = loadavg()[0];
const rows = [];
for (const name of chosen) {
  const { measure, notQuick } = await import(new URL(`../bench/${name}.mjs`, import.meta.url));
  if (quick && notQuick !== undefined) {
    console.error(`${name}: left out of a quick run, ${notQuick}`);
    continue;
  }
  process.stderr.write(`${name} ...`);
  const start = performance.now();
  rows.push(...(await measure({ rounds, quick })));
  process.stderr.write(` ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
}

const machine = `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), load ${load.toFixed(1)} at the start, ${rounds} rounds${quick ? ', quick' : ''}.`;
// An aim is for a whole run: of a quick one it is named and not judged.
const verdict = ({ aim, good }) => {
  if (aim === undefined || quick) return aim ?? '';
  return `${aim}: ${good ? 'yes' : '**no**'}`;
};
const table = [
  '| measure | result | aim | of |',
  '| --- | --- | --- | --- |',
  ...rows.map(
    (row) => `| ${quick ? 'quick: ' : ''}${row.name} | ${row.value} | ${verdict(row)} | ${row.detail} |`,
  ),
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
