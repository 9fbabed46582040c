// `npm run bench:gate`: fails when something costs a quarter more than on record in bench/gate.json, against a peer in the same run.
// `npm run bench:gate -- --record RUNS` measures the noise and writes the record. Quick sizes, processor time, so that a busy
// machine does not matter much; what looks dearer is measured again with more rounds before it fails.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import { judge, LIMIT, lower, NOISE, record } from './lib/gate.mjs';
import { root, setUp } from './setup.mjs';

/** Not the SDK over its bare calls: what a call between threads costs depends on how busy the machine is. */
const CANDIDATES = ['kv-cache', 'prompts', 'sharing', 'suppression', 'photograph', 'metrics'];
const ROUNDS = [9, 15, 15];
const RECORD = `${root}bench/gate.json`;

const { values } = parseArgs({ options: { record: { type: 'string' }, print: { type: 'boolean' } } });
if (values.print) {
  const found = {};
  for (const benchmark of CANDIDATES) found[benchmark] = await measured(benchmark, ROUNDS[0]);
  console.log(JSON.stringify(found));
} else {
  await setUp();
  if (values.record === undefined) await gate(JSON.parse(readFileSync(RECORD, 'utf8')).rows);
  else await writeRecord(Number(values.record));
}

async function measured(benchmark, rounds) {
  const { measure } = await import(new URL(`../bench/${benchmark}.mjs`, import.meta.url));
  return measure({ rounds, quick: true });
}

async function gate(rows) {
  const found = {};
  let again = [...new Set(rows.map(({ benchmark }) => benchmark))];
  let judged;
  for (const rounds of ROUNDS) {
    for (const benchmark of again)
      found[benchmark] = lower(found[benchmark] ?? [], await measured(benchmark, rounds));
    judged = judge(rows, found);
    const dear = judged.filter(({ state }) => state === 'dearer');
    again = [...new Set(dear.map(({ benchmark }) => benchmark))];
    if (again.length === 0) break;
    for (const row of dear) console.error(`${row.key}: ${said(row)} at ${rounds} rounds.`);
  }
  for (const row of judged) console.log(`${row.state.padEnd(8)} ${row.key}: ${said(row)}`);
  if (judged.some(({ state }) => state === 'dearer' || state === 'gone')) {
    console.error(
      `A cost is more than ${100 * LIMIT} % above bench/gate.json, or its row is gone. Where that is meant: npm run bench:gate -- --record 6`,
    );
    process.exitCode = 1;
  }
}

function said({ cost, now }) {
  if (now === undefined) return `not measured, ${cost} on record`;
  const more = (100 * (now / cost - 1)).toFixed(0);
  return `${now.toPrecision(3)} of the peer, ${cost} on record (${now > cost ? '+' : ''}${more} %)`;
}

async function writeRecord(times) {
  if (!(times >= 3)) throw new Error('--record takes the number of runs, 3 at least.');
  const { format, resolveConfig } = await import('prettier');
  const runs = [];
  const loads = [];
  for (let i = 1; i <= times; i++) {
    console.error(`run ${i} of ${times} ...`);
    // A process for each run, as the gate is one: what V8 has compiled by a second run would make it another.
    const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, '--print']);
    runs.push(JSON.parse(stdout));
    loads.push(loadavg()[0].toFixed(1));
  }
  const how = `Least processor time of ours over the peer's in ${ROUNDS[0]} rounds at quick sizes: the median of ${times} runs, and the largest distance from it. Above ${NOISE} a row is too noisy to be judged.`;
  const machine = `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), load ${loads.join(', ')}`;
  const text = JSON.stringify({ how, machine, ...record(runs) });
  writeFileSync(RECORD, await format(text, { ...(await resolveConfig(RECORD)), filepath: RECORD }));
  console.log(readFileSync(RECORD, 'utf8'));
}
