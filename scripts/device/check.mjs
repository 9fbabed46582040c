// Runs the packed systems on every device that this machine has, compares their masks with the CPU's, and writes one JSON.
// Started by scripts/device-check.sh inside the unpacked pack.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { decodeMask } from '@maskloom/core';
import { describeMachine, findCudaProvider, pythonLibraries, vulkanEnvironment } from './machine.mjs';
import { BUNDLE_RECIPES, DRY_RECIPES } from './systems.mjs';

const LEAST_IOU = 0.99;
const { values: flags } = parseArgs({
  options: {
    out: { type: 'string' },
    pack: { type: 'string' },
    'cuda-provider': { type: 'string' },
    devices: { type: 'string', default: 'cpu,cuda,webgpu' },
    python: { type: 'string', default: 'python3' },
    'dry-run': { type: 'boolean', default: false },
  },
});
const dryRun = flags['dry-run'];
const rounds = dryRun ? '1' : '3';
const started = Date.now();
const scratch = mkdtempSync(join(tmpdir(), 'maskloom-device-'));
try {
  const report = await check();
  mkdirSync(dirname(flags.out), { recursive: true });
  writeFileSync(flags.out, `${JSON.stringify(report, undefined, 1)}\n`);
  for (const line of summary(report)) console.log(line);
  console.log(`written to ${flags.out} after ${report.seconds} s`);
  process.exitCode = report.passed ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function check() {
  const machine = describeMachine(flags.python);
  const noProvider = findCudaProvider(flags.python, flags['cuda-provider']);
  const devices = [
    { device: 'cpu', environment: {} },
    {
      device: 'cuda',
      environment: {
        LD_LIBRARY_PATH: [pythonLibraries(flags.python), process.env.LD_LIBRARY_PATH]
          .filter(Boolean)
          .join(':'),
      },
      missing: dryRun ? 'a dry run: no card is looked for' : noProvider,
    },
    {
      device: 'webgpu',
      environment: { ...vulkanEnvironment(join(flags.pack, 'lib'), dryRun), XDG_RUNTIME_DIR: scratch },
    },
  ];
  const size = dryRun ? 'small' : 'vit-b';
  const sam = await randomSam(size);
  const tiny = fileURLToPath(bundleDirectory);
  const results = {};
  const wanted = flags.devices.split(',');
  for (const { device, environment, missing } of devices.filter((one) => wanted.includes(one.device))) {
    if (missing !== undefined) {
      results[device] = { missing };
      continue;
    }
    console.log(`${device}: embedded systems`);
    const embedded = await inChild(
      [device, tiny, '256', rounds, ...(dryRun ? DRY_RECIPES : BUNDLE_RECIPES)],
      environment,
    );
    console.log(`${device}: SAM ${size}`);
    const large =
      sam.error === undefined
        ? await inChild(
            [device, join(scratch, 'bundle'), dryRun ? '256' : '1024', rounds, 'sam/prompted'],
            environment,
          )
        : sam;
    results[device] = { embedded, sam: large };
  }
  const compared = compare(results);
  return {
    what: dryRun
      ? 'DRY RUN WITHOUT A GPU: the CPU, and WebGPU on SwiftShader, which computes on the CPU. Nothing here says anything of a GPU.'
      : 'Masks and time per stage on the devices of this machine; random weights for SAM, the embedded models otherwise.',
    dryRun,
    ...JSON.parse(readFileSync(join(flags.pack, 'pack.json'), 'utf8')),
    machine,
    sam: { size, weights: 'random', ...sam },
    leastIou: LEAST_IOU,
    results: withoutMasks(results),
    masksAgainstCpu: compared,
    passed: Object.values(compared).length > 0 && Object.values(compared).every(({ passed }) => passed),
    seconds: Math.round((Date.now() - started) / 1000),
  };
}

/** Runs recipes on a device in a process of its own. */
async function inChild(args, environment) {
  const script = fileURLToPath(new URL('./run-systems.mjs', import.meta.url));
  const { code, stdout, stderr } = await run(process.execPath, [script, ...args], environment);
  if (code === 0) return JSON.parse(stdout.trim().split('\n').at(-1));
  return { error: `ended with ${code}: ${telling(stderr)}` };
}

async function randomSam(size) {
  console.log(`SAM ${size}, random weights, through the kit's converter and in PyTorch's eager mode`);
  const script = fileURLToPath(new URL('./random_sam.py', import.meta.url));
  const { code, stdout, stderr } = await run(flags.python, [script, scratch, size], {
    PYTHONPATH: join(flags.pack, 'kit'),
  });
  if (code === 0) return JSON.parse(stdout.trim().split('\n').at(-1));
  return { error: `no SAM could be made: ${telling(stderr)}` };
}

/** The line that names the error. */
function telling(stderr) {
  const lines = stderr.trim().split('\n');
  return (lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? '').trim();
}

function run(command, args, environment) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    child.on('error', (error) => resolve({ code: 1, stdout, stderr: error.message }));
    child.on('close', (code, signal) => resolve({ code: code ?? signal, stdout, stderr }));
  });
}

/** Each device's masks against the CPU's, recipe by recipe. */
function compare(results) {
  const compared = {};
  for (const [device, given] of Object.entries(results)) {
    if (device === 'cpu' || given.missing !== undefined) continue;
    const recipes = {
      ...pairs(results.cpu.embedded, given.embedded, ''),
      ...pairs(results.cpu.sam, given.sam, 'random SAM: '),
    };
    compared[device] = { passed: Object.values(recipes).every(({ passed }) => passed), recipes };
  }
  return compared;
}

function pairs(cpu, other, prefix) {
  if (cpu.error ?? other.error) return { [`${prefix}all`]: { passed: false, why: cpu.error ?? other.error } };
  return Object.fromEntries(Object.keys(cpu).map((id) => [`${prefix}${id}`, pair(cpu[id], other[id])]));
}

function pair(cpu, other) {
  const why = cpu.error ?? other.error;
  if (why !== undefined) return { passed: false, why };
  const ious = cpu.masks.map((mask, i) => (other.masks[i] === undefined ? 0 : iou(mask, other.masks[i])));
  // A recipe that finds nothing shows nothing.
  const least = Math.min(1, ...ious);
  const passed = ious.length > 0 && cpu.masks.length === other.masks.length && least >= LEAST_IOU;
  return { passed, masks: [cpu.masks.length, other.masks.length], leastIou: Number(least.toFixed(5)) };
}

function iou(one, other) {
  const [a, b] = [decodeMask(one).pixels, decodeMask(other).pixels];
  let [both, either] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    both += a[i] & b[i];
    either += a[i] | b[i];
  }
  return either === 0 ? 1 : both / either;
}

function withoutMasks(results) {
  return JSON.parse(
    JSON.stringify(results, (key, value) => (key === 'masks' && Array.isArray(value) ? value.length : value)),
  );
}

function summary({ machine, masksAgainstCpu, results }) {
  const lines = [`card: ${machine.card ?? 'none'}`];
  for (const [device, { missing }] of Object.entries(results))
    if (missing) lines.push(`${device}: not run: ${missing}`);
  for (const [device, { recipes }] of Object.entries(masksAgainstCpu))
    for (const [id, { passed, leastIou, why }] of Object.entries(recipes))
      lines.push(`${device} ${id}: ${passed ? 'same masks' : 'DIFFERS'} (${why ?? `least IoU ${leastIou}`})`);
  return lines;
}
