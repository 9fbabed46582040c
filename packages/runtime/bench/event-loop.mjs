// What running models through the SDK costs: the main thread's event-loop delay while a model runs,
// and the SDK's time over that of a bare ONNX Runtime session, model by model.
//
//   node packages/runtime/bench/event-loop.mjs [BUNDLE_FOLDER] [--seconds N]
//
// Bare = onnxruntime-node in this thread with the same session options, outputs left where they are.
// The two take turns, so that a busy machine slows both; medians are compared. CPU ms counts every thread of
// the process, so it hardly depends on what else the machine does; wall time does.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { folderBundle, onnx, openBundle } from '@maskloom/runtime';

const ort = createRequire(import.meta.url)('onnxruntime-node');
const args = process.argv.slice(2);
const flag = args.indexOf('--seconds');
const seconds = flag < 0 ? 4 : Number(args.splice(flag, 2)[1]);
const folder = args[0] ?? fileURLToPath(new URL('../../bundle-tiny/bundle/', import.meta.url));
const THREADS = Number(process.env.THREADS ?? 1);
const AXES = { B: 1, N: 1, T: 1, P: 11, E: 1, L: 256, past: 300 };

const bundle = await openBundle(folderBundle(folder));
const recipe = bundle.recipes.find((id) => id.endsWith('/full')) ?? bundle.recipes[0];
const source = onnx({ bundle: folderBundle(folder), device: 'cpu', threads: THREADS });
const host = await source.open(recipe);

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const axis = (name) =>
  AXES[name] ?? (typeof name === 'number' ? name : /past/.test(name) ? AXES.past + AXES.T : 1);

/** Inputs of the declared shapes: zeros, with ones where a model masks by 0. */
function feedsOf(ports) {
  return Object.fromEntries(
    ports.map(({ name, dtype, shape }) => {
      const dims = shape.map(axis);
      const length = dims.reduce((product, size) => product * size, 1);
      const data =
        dtype === 'int64' ? new BigInt64Array(length).fill(1n) : new Float32Array(length).fill(0.1);
      return [name, { dtype, dims, data }];
    }),
  );
}

/** Outputs that later models take as they are, by name: they stay where they were made. */
const upstream = { handles: {}, tensors: {} };

async function measure(role) {
  const session = await host.model(role);
  const { path } = bundle.model(recipe, role);
  const bare = await ort.InferenceSession.create(path, {
    intraOpNumThreads: THREADS,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 4,
    extra: { 'session.intra_op.allow_spinning': '0' },
  });
  const feeds = feedsOf(session.inputs);
  const tensors = Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, dims, data }]) => [name, new ort.Tensor(dtype, data, dims)]),
  );
  for (const name of Object.keys(feeds)) {
    const from = name.replace('past_key_values', 'present');
    const handle = upstream.handles[from];
    if (handle === undefined || handle.dims.join() !== feeds[name].dims.join()) continue;
    feeds[name] = handle;
    tensors[name] = upstream.tensors[from];
  }
  const runBare = () => bare.run(tensors);
  const runSdk = async () => {
    const scope = host.scope();
    await session.run(feeds, { scope });
    scope.release();
  };
  const times = { bare: [], sdk: [] };
  const cpu = { bare: [], sdk: [] };
  for (let i = 0; i < 3; i++) await runBare().then(runSdk);
  const end = performance.now() + (seconds * 1000) / 2;
  while (performance.now() < end) {
    for (const [name, work] of [
      ['bare', runBare],
      ['sdk', runSdk],
    ]) {
      const start = performance.now();
      const used = process.cpuUsage();
      await work();
      times[name].push(performance.now() - start);
      const { user, system } = process.cpuUsage(used);
      cpu[name].push((user + system) / 1000);
    }
  }
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const until = performance.now() + (seconds * 1000) / 2;
  while (performance.now() < until) await runSdk();
  delay.disable();
  const [bareMs, sdkMs] = [median(times.bare), median(times.sdk)];
  // The monitor counts its own 5 ms timer interval in; only what is past it is delay.
  Object.assign(upstream.handles, await session.run(feeds, { scope: kept }));
  Object.assign(upstream.tensors, await bare.run(tensors));
  return {
    role,
    bareMs,
    sdkMs,
    bareCpu: median(cpu.bare),
    sdkCpu: median(cpu.sdk),
    ratio: sdkMs / bareMs,
    runs: times.sdk.length,
    delayP99Ms: delay.percentile(99) / 1e6 - 5,
  };
}

const kept = host.scope();
const rows = [];
for (const role of Object.keys(bundle.recipe(recipe).models)) {
  if (role === 'languageModel') {
    // Prefill: from here a step reads a cache that never leaves the worker.
    const step = { T: AXES.T, past: AXES.past };
    Object.assign(AXES, { T: step.past, past: 0 });
    rows.push({ ...(await measure(role)), role: 'languageModel, prefill' });
    Object.assign(AXES, step);
  }
  rows.push(await measure(role));
}
await source.dispose();
const fixed = (value, digits = 2) => Number(value.toFixed(digits));
console.log(`${join(bundle.name)}, recipe ${recipe}, ${THREADS} threads, cpu`);
console.table(
  rows.map((row) => ({
    role: row.role,
    'bare ms': fixed(row.bareMs, 3),
    'SDK ms': fixed(row.sdkMs, 3),
    'added ms': fixed(row.sdkMs - row.bareMs, 3),
    ratio: fixed(row.ratio),
    'bare CPU ms': fixed(row.bareCpu, 3),
    'SDK CPU ms': fixed(row.sdkCpu, 3),
    runs: row.runs,
    'loop delay p99 ms': fixed(row.delayP99Ms),
  })),
);
// One image with one question: every model once, and a step for each of 12 tokens.
const STEPS = 12;
const times = (row) => (row.role === 'languageModel' || row.role === 'tokenEmbedding' ? STEPS : 1);
const total = (key) => rows.reduce((sum, row) => sum + row[key] * times(row), 0);
const [bareTotal, sdkTotal] = [total('bareMs'), total('sdkMs')];
console.log(
  `one image, ${STEPS} tokens: bare ${fixed(bareTotal)} ms, SDK ${fixed(sdkTotal)} ms, ratio ${fixed(sdkTotal / bareTotal, 3)}`,
);
