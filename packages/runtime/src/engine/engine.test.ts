import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { HostTensor } from '@maskloom/core';
import { Engine } from './engine.js';
import { WorkerTensor } from './worker-tensor.js';

const script = new URL('../../dist/engine/worker.js', import.meta.url);
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/${name}.onnx`, import.meta.url));
const engines: Engine[] = [];
const start = (maxQueue = 8, worker = script): Engine => {
  const engine = new Engine({ device: 'cpu', maxQueue, script: worker });
  engines.push(engine);
  return engine;
};
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.dispose()));
});

const float = (dims: number[], values: number[]): HostTensor => ({
  dtype: 'float32',
  dims,
  data: Float32Array.from(values),
});

/** A square matrix so large that the fixture `slow` takes long (about half a second at 384). */
const slowInput = (side: number): { x: HostTensor } => ({
  x: float(
    [side, side],
    Array.from({ length: side * side }, () => 0),
  ),
});

async function add(engine: Engine): Promise<number> {
  return (await engine.open(fixture('add'), { threads: 1 })).session;
}

describe('a worker thread that ends in the middle of its work', () => {
  it('rejects everything with WORKER_CRASHED and stays ended', async () => {
    const engine = start(8, new URL('../../fixtures/crashing-worker.mjs', import.meta.url));
    const { session } = await engine.open(fixture('slow'), { threads: 1 });
    const adder = await add(engine);
    const inputs = { x: float([1, 2], [1, 2]), y: float([1, 2], [3, 4]) };
    const sums = await engine.run(adder, 'add', inputs, undefined, undefined);
    const handle = new WorkerTensor(engine, sums[0] as (typeof sums)[0], () => {});
    const calls = [1, 2, 3, 4].map(() => engine.run(session, 'slow', slowInput(192), undefined, undefined));
    const outcomes = Promise.allSettled(calls);
    await engine.close(-1);
    const settled = await outcomes;
    expect(settled.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'WORKER_CRASHED' } });
    expect(engine.usable).toBe(false);
    await expect(handle.read()).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
    await expect(engine.open(fixture('add'), { threads: 1 })).rejects.toMatchObject({
      code: 'WORKER_CRASHED',
    });
    handle.release();
    await engine.dispose();
  });
});

it('says what to do with a model that the device has no code for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'maskloom-kernel-'));
  try {
    // An operator that no build knows, as a quantised one is on a device without it.
    const bytes = readFileSync(fixture('add'));
    bytes.write('Adx', bytes.indexOf('Add'), 'latin1');
    writeFileSync(join(folder, 'odd.onnx'), bytes);
    await expect(start().open(join(folder, 'odd.onnx'), { threads: 1 })).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      hint: expect.stringContaining('take another (fp32, fp16), or --device cpu') as string,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('the end of the process in the middle of a native call', () => {
  it.each([
    ['process.exit', 'process.exit(3)', 3],
    ['an uncaught error', "throw new Error('boom')", 1],
  ])('by %s waits for the call and keeps the exit code', async (_, ending, code) => {
    const program = `
      import { Engine } from ${JSON.stringify(new URL('../../dist/engine/engine.js', import.meta.url).href)};
      const engine = new Engine({ device: 'cpu', maxQueue: 8 });
      const { session } = await engine.open(${JSON.stringify(fixture('slow'))}, { threads: 1 });
      const x = { dtype: 'float32', dims: [256, 256], data: new Float32Array(256 * 256) };
      for (let i = 0; i < 8; i++) engine.run(session, 'slow', { x }, undefined, undefined).catch(() => {});
      setTimeout(() => { ${ending}; }, 30);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    const [exitCode, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect([exitCode, signal]).toEqual([code, null]);
    expect(errors).not.toContain('terminate called');
  });
});

describe('a program with a long command line', () => {
  it('runs models, and reports to nobody', async () => {
    const program = `
      const { Engine } = await import(${JSON.stringify(new URL('../../dist/engine/engine.js', import.meta.url).href)});
      const engine = new Engine({ device: 'cpu', maxQueue: 1, script: new URL(${JSON.stringify(script.href)}) });
      await engine.open(${JSON.stringify(fixture('add'))}, { threads: 1 });
      await engine.dispose();
      console.log(process.env.ORT_DISABLE_TELEMETRY);`;
    const args = ['--input-type=module', '-e', program, 'long '.repeat(20_000)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout.trim()).toBe('1');
  });
});

describe('dispose', () => {
  it('lets the call in flight end, refuses those that wait, and can be called twice', async () => {
    const engine = start();
    const { session } = await engine.open(fixture('slow'), { threads: 1 });
    // Made before: making one can take as long as a call.
    const inputs = [1, 2, 3, 4].map(() => slowInput(480));
    const calls = inputs.map((input) => engine.run(session, 'slow', input, undefined, undefined));
    const outcomes = Promise.allSettled(calls);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await Promise.all([engine.dispose(), engine.dispose()]);
    const settled = await outcomes;
    expect(settled.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(settled[3]).toMatchObject({ reason: { code: 'DISPOSED' } });
    await expect(engine.open(fixture('add'), { threads: 1 })).rejects.toMatchObject({ code: 'DISPOSED' });
  });
});

it('does not begin a call that is abandoned while another runs', async () => {
  const engine = start();
  const { session } = await engine.open(fixture('slow'), { threads: 1 });
  const adder = await add(engine);
  const inputs = { x: float([1, 2], [1, 2]), y: float([1, 2], [3, 4]) };
  const controller = new AbortController();
  const running = engine.run(session, 'slow', slowInput(480), undefined, undefined);
  const numbers = { sum: engine.number() };
  const call = { session: adder, model: 'add', feeds: inputs, outputs: ['sum'], numbers };
  const behind = engine.runAll([call], controller.signal);
  // What it would have made is not there for others either.
  const after = engine.run(adder, 'add', inputs, undefined, undefined);
  controller.abort();
  await expect(behind).rejects.toMatchObject({ code: 'ABORTED' });
  await expect(engine.read(numbers.sum)).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED' });
  await expect(Promise.all([running, after])).resolves.toHaveLength(2);
  await engine.dispose();
});

describe('dispose at once after a call', () => {
  it('leaves no call without an answer', async () => {
    const engine = start();
    const { session } = await engine.open(fixture('slow'), { threads: 1 });
    const outcomes = Promise.allSettled(
      [1, 2, 3].map(() => engine.run(session, 'slow', slowInput(8), undefined, undefined)),
    );
    await engine.dispose();
    // Two are with the worker already: they end first.
    expect(await outcomes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'fulfilled' },
      { reason: { code: 'DISPOSED' } },
    ]);
  });
});

describe('a handle', () => {
  it('that is released while a call with it waits is there when the call runs', async () => {
    const engine = start();
    const session = await add(engine);
    const { session: slow } = await engine.open(fixture('slow'), { threads: 1 });
    const [sum] = await engine.run(
      session,
      'add',
      { x: float([1, 2], [1, 2]), y: float([1, 2], [3, 4]) },
      ['sum'],
      undefined,
    );
    const handle = new WorkerTensor(engine, sum as NonNullable<typeof sum>, () => {});
    const before = [1, 2].map(() => engine.run(slow, 'slow', slowInput(64), undefined, undefined));
    const waiting = engine.run(session, 'add', { x: handle, y: handle }, ['sum'], undefined);
    handle.release();
    const [twice] = await waiting;
    const result = new WorkerTensor(engine, twice as NonNullable<typeof twice>, () => {});
    expect([...(await result.read())]).toEqual([8, 12]);
    await expect(handle.read()).rejects.toMatchObject({ code: 'TENSOR_RELEASED' });
    await expect(
      engine.run(session, 'add', { x: handle, y: handle }, undefined, undefined),
    ).rejects.toMatchObject({ code: 'TENSOR_RELEASED' });
    await Promise.all(before);
    result.release();
  });

  it('of another engine is an input like any other', async () => {
    const [one, two] = [start(), start()];
    const { session } = await one.open(fixture('ids'), { threads: 1 });
    const ids: HostTensor = { dtype: 'int64', dims: [3], data: BigInt64Array.of(1n, -2n, 2n ** 40n) };
    const [doubled] = await one.run(session, 'ids', { ids }, ['doubled'], undefined);
    const handle = new WorkerTensor(one, doubled as NonNullable<typeof doubled>, () => {});
    const [again] = await two.run(
      (await two.open(fixture('ids'), { threads: 1 })).session,
      'ids',
      { ids: handle },
      ['doubled'],
      undefined,
    );
    const result = new WorkerTensor(two, again as NonNullable<typeof again>, () => {});
    expect((await result.values()).data).toEqual(BigInt64Array.of(4n, -8n, 2n ** 42n));
  });
});

describe('the queue', () => {
  it('refuses calls past maxQueue by name', async () => {
    const engine = start(1);
    const { session } = await engine.open(fixture('slow'), { threads: 1 });
    const calls = [1, 2, 3, 4].map(() => engine.run(session, 'slow', slowInput(64), undefined, undefined));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
    ]);
    expect(outcomes[3]).toMatchObject({ reason: { code: 'MODEL_RUN_FAILED', where: 'maxQueue' } });
  });
});

describe('loading', () => {
  it('names a file that is no model', async () => {
    const path = fileURLToPath(import.meta.url);
    await expect(start().open(path, { threads: 1 })).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      where: path,
    });
  });
});

describe('ports of float16 and int32', () => {
  it('are fed and read as float32 and int64, also by tensors of another model', async () => {
    const engine = start();
    const { session, inputs } = await engine.open(fixture('halves'), { threads: 1 });
    expect(inputs.map((port) => port.dtype)).toEqual(['float16', 'int32']);
    const n: HostTensor = { dtype: 'int64', dims: [2], data: BigInt64Array.of(4n, -7n) };
    const run = async (x: HostTensor | WorkerTensor): Promise<readonly WorkerTensor[]> =>
      (await engine.run(session, 'halves', { x, n }, ['third', 'more'], undefined)).map(
        (wire) => new WorkerTensor(engine, wire, () => {}),
      );
    const [third, more] = (await run(float([2], [1, 0.1]))) as [WorkerTensor, WorkerTensor];
    expect([third.dtype, more.dtype]).toEqual(['float16', 'int32']);
    // numpy.float16(1) / numpy.float16(3), numpy.float16(0.1) / numpy.float16(3)
    expect([...(await third.read())]).toEqual([0.333251953125, 0.0333251953125]);
    expect([...(await more.read())]).toEqual([5, -6]);
    const [ninth] = (await run(third)) as [WorkerTensor];
    expect((await ninth.read())[0]).toBe(0.111083984375);

    const adder = await add(engine);
    const pair = await engine.run(
      adder,
      'add',
      { x: float([1, 2], [1, 1]), y: float([1, 2], [2, 5]) },
      ['sum'],
      undefined,
    );
    const sum = new WorkerTensor(engine, pair[0] as (typeof pair)[0], () => {});
    await expect(run(sum)).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED' });
  });
});
