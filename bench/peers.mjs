// Other programs over the same models: `read/full` against a Python loop over its ONNX files and against PyTorch, and opening SAM
// against transformers.js. A peer that is not there is named in its row.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { folderBundle, openBundle } from '@maskloom/runtime';
import { cost, median, ms, ratio } from './lib/measure.mjs';
import { bareSessions, recording } from './lib/record.mjs';
import { image, openModels } from './lib/stage.mjs';
import { SYSTEMS } from './lib/systems.mjs';
import { loadRow } from './lib/transformers-js.mjs';

const PYTHON = fileURLToPath(new URL('../training/.venv/bin/python', import.meta.url));
const REFERENCE = fileURLToPath(new URL('peers_reference.py', import.meta.url));
const KIT = fileURLToPath(new URL('../training', import.meta.url));
const GOALS = { onnx: ['a Python loop over its ONNX files', 1], eager: ['PyTorch eager', 0.7] };

/** @returns rows of the report */
export async function measure({ rounds }) {
  return [...(await pythonRows(rounds)), await loadRow(Math.min(rounds, 7))];
}

async function pythonRows(rounds) {
  if (!existsSync(PYTHON))
    return [
      {
        name: 'read/full over Python',
        value: 'not measured',
        detail: 'no training/.venv: npm run training:setup',
      },
    ];
  const { builder, request, recipe } = SYSTEMS.find(({ name }) => name === 'read/full');
  const models = openModels();
  const calls = [];
  const recorder = await builder().on(recording(models, calls)).build();
  await recorder.segment(image(), request);
  await recorder.dispose();
  const folder = await mkdtemp(join(tmpdir(), 'maskloom-peers-'));
  const bundle = await openBundle(folderBundle(bundleDirectory));
  const pathOf = (role) => bundle.model(recipe, role).path;
  await writeCalls(folder, calls, pathOf);
  const bare = await bareSessions(calls, pathOf, 1);
  const python = openPython(folder);
  const { versions } = await python.next();
  const pipeline = await builder().on(models).build();
  const sample = image();
  const works = {
    sdk: () => cost(() => pipeline.segment(sample, request)),
    bare: () => cost(() => bare.play()),
    onnx: () => python.ask('onnx'),
    eager: () => python.ask('eager'),
  };
  const spent = { sdk: [], bare: [], onnx: [], eager: [] };
  for (let round = -2 * rounds; round < rounds; round++) {
    const names = Object.keys(works);
    for (const name of round % 2 === 0 ? names : names.reverse()) {
      const one = await works[name]();
      if (round >= 0) spent[name].push(one);
    }
  }
  await python.end();
  await bare.close();
  await pipeline.dispose();
  await models.dispose();
  await rm(folder, { recursive: true });
  const middle = (name, kind) => median(spent[name].map((one) => one[kind]));
  return Object.entries(GOALS).map(([peer, [what, goal]]) => {
    const over = middle('sdk', 'wall') / middle(peer, 'wall');
    return {
      name: `read/full over ${what} (${calls.length} calls, inputs ready in memory), wall`,
      value: ratio(over),
      aim: `<= ${goal}`,
      good: over <= goal,
      detail: `${ms(middle('sdk', 'wall'))} against ${ms(middle(peer, 'wall'))}; CPU ${ratio(middle('sdk', 'cpu') / middle(peer, 'cpu'))}; bare sessions in Node, the same calls, ${ratio(middle('bare', 'wall') / middle(peer, 'wall'))}; ${versions}`,
    };
  });
}

/** `calls.json` with each input's place in `values.bin`, and the model files. */
async function writeCalls(folder, calls, pathOf) {
  const parts = [];
  let at = 0;
  const told = calls.map(({ role, feeds, outputs }) => ({
    role,
    outputs,
    feeds: Object.fromEntries(
      Object.entries(feeds).map(([name, { dtype, dims, data }]) => {
        const place = { dtype, dims, at };
        parts.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
        at += data.byteLength;
        return [name, place];
      }),
    ),
  }));
  const roles = [...new Set(calls.map(({ role }) => role))];
  const models = Object.fromEntries(roles.map((role) => [role, pathOf(role)]));
  await writeFile(join(folder, 'values.bin'), Buffer.concat(parts));
  await writeFile(join(folder, 'calls.json'), JSON.stringify({ calls: told, models }));
}

function openPython(folder) {
  const child = spawn(PYTHON, [REFERENCE, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1', PYTHONPATH: KIT },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('The Python process ended.');
    return JSON.parse(value);
  };
  return {
    next,
    ask: (name) => {
      child.stdin.write(`${name}\n`);
      return next();
    },
    end: () =>
      new Promise((resolve) => {
        child.once('exit', resolve);
        child.stdin.end();
      }),
  };
}

if (process.argv[1] === import.meta.filename)
  console.table(await measure({ rounds: Number(process.argv[2] ?? 30) }));
