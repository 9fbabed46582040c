import { existsSync } from 'node:fs';
import { folderBundle, onnx } from '@maskloom/runtime';
import type { OnnxOptions, OnnxSource } from '@maskloom/runtime';
import type { HostTensor, ModelPort, ModelSession, Tensor, TensorScope } from '@maskloom/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fixtureBundle } from '../fixture-bundle.test.helper.js';
import type { FixtureBundle } from '../fixture-bundle.test.helper.js';

let fixture: FixtureBundle;
const sources: OnnxSource[] = [];
beforeAll(() => {
  fixture = fixtureBundle();
});
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.dispose()));
});
afterAll(() => fixture.remove());

function source(options: Partial<OnnxOptions> = {}): OnnxSource {
  const made = onnx({ bundle: folderBundle(fixture.directory), device: 'cpu', threads: 1, ...options });
  sources.push(made);
  return made;
}
const float = (dims: number[], values: number[] = []): HostTensor => ({
  dtype: 'float32',
  dims,
  data: Float32Array.from(values),
});
const pair = { x: float([1, 2], [1, 2]), y: float([1, 2], [3, 4]) };
const values = async (session: ModelSession, scope: TensorScope): Promise<number[]> => {
  const { sum } = await session.run(pair, { scope });
  return [...((await sum?.read()) ?? [])];
};

describe('a session', () => {
  it('computes, and says where it ran', async () => {
    const host = await source().open('test/one');
    const session = await host.model('adder');
    const scope = host.scope();
    const { sum, product } = await session.run(pair, { scope });
    expect(session.device).toBe('cpu');
    expect(session.inputs).toEqual(host.ports('adder').inputs);
    expect([sum?.dtype, sum?.dims]).toEqual(['float32', [1, 2]]);
    expect([...((await sum?.read()) ?? [])]).toEqual([4, 6]);
    expect([...((await product?.read()) ?? [])]).toEqual([3, 8]);
    expect(host.liveTensors).toBe(2);
    scope.release();
    expect(host.liveTensors).toBe(0);
  });

  it("leaves the caller's arrays whole, and gives each read a copy of its own", async () => {
    const host = await source().open('test/one');
    const session = await host.model('adder');
    const scope = host.scope();
    expect(await values(session, scope)).toEqual([4, 6]);
    expect(await values(session, scope)).toEqual([4, 6]);
    const { sum } = await session.run(pair, { scope, outputs: ['sum'] });
    const first = await sum?.read();
    first?.fill(0);
    expect([...((await sum?.read()) ?? [])]).toEqual([4, 6]);
  });

  it('takes the memory of what is given away, unless it is part of more', async () => {
    const host = await source().open('test/one');
    const session = await host.model('adder');
    const scope = host.scope();
    const given = { ...float([1, 2], [1, 2]), givenAway: true };
    const part = { ...given, data: Float32Array.of(0, 3, 4).subarray(1) };
    const { sum } = await session.run({ x: given, y: part }, { scope });
    expect([...((await sum?.read()) ?? [])]).toEqual([4, 6]);
    expect([given.data.length, [...part.data]]).toEqual([0, [3, 4]]);
  });

  it('keeps the first along the second axis of an output where only those are wanted', async () => {
    const host = await source().open('test/one');
    const session = await host.model('adder');
    const scope = host.scope();
    const feeds = { x: float([2, 2], [1, 2, 4, 5]), y: float([2, 2], [10, 20, 40, 50]) };
    for (const read of [[], ['sum']]) {
      const { sum, product } = await session.run(feeds, { scope, read, first: { sum: 1, product: 9 } });
      expect([sum?.dims, product?.dims]).toEqual([
        [2, 1],
        [2, 2],
      ]);
      expect([...((await sum?.read()) ?? [])]).toEqual([11, 44]);
      expect([...((await sum?.read()) ?? [])]).toEqual([11, 44]);
    }
  });

  it('feeds handles back without reading them, and gives only the outputs asked for', async () => {
    const host = await source().open('test/one');
    const session = await host.model('adder');
    const scope = host.scope();
    const { sum } = await session.run(pair, { scope, outputs: ['sum'] });
    const again = await session.run(
      { x: sum as NonNullable<typeof sum>, y: pair.y },
      { scope, outputs: ['product'] },
    );
    expect(Object.keys(again)).toEqual(['product']);
    expect([...((await again['product']?.read()) ?? [])]).toEqual([12, 24]);
  });

  it('works on axes of length 0', async () => {
    const host = await source().open('test/one');
    const scope = host.scope();
    const { sum } = await (await host.model('adder')).run({ x: float([0, 2]), y: float([0, 2]) }, { scope });
    expect([sum?.dims, [...((await sum?.read()) ?? [NaN])]]).toEqual([[0, 2], []]);
    const joiner = await host.model('joiner');
    const start = await joiner.run(
      { past: float([1, 0, 4]), new: float([1, 1, 4], [1, 2, 3, 4]) },
      { scope },
    );
    const more = await joiner.run(
      { past: start['present'] as never, new: float([1, 1, 4], [5, 6, 7, 8]) },
      { scope },
    );
    expect(more['present']?.dims).toEqual([1, 2, 4]);
    expect([...((await more['present']?.read()) ?? [])]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('feeds the one row of a handle several times over, from this source and from another', async () => {
    const [here, elsewhere] = [await source().open('test/one'), await source().open('test/one')];
    const scope = here.scope();
    const row = { past: float([1, 0, 4]), new: float([1, 1, 4], [1, 2, 3, 4]) };
    const joiner = await here.model('joiner');
    const added = float([3, 1, 4], [5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7]);
    for (const host of [here, elsewhere]) {
      const { present } = await (await host.model('joiner')).run(row, { scope });
      const past = { repeated: present as Tensor, times: 3 };
      const joined = await joiner.run({ past, new: added }, { scope });
      expect(joined['present']?.dims).toEqual([3, 2, 4]);
      const expected = [5, 6, 7].flatMap((last) => [1, 2, 3, 4, last, last, last, last]);
      expect([...((await joined['present']?.read()) ?? [])]).toEqual(expected);
      // The handle itself is as it was.
      expect(present?.dims).toEqual([1, 1, 4]);
      const wrong = { past: { repeated: joined['present'] as Tensor, times: 2 }, new: added };
      await expect(joiner.run(wrong, { scope })).rejects.toMatchObject({
        code: 'VALUE_INVALID',
        where: 'past',
      });
    }
  });

  it('computes the same when memory is given back after every call', async () => {
    const host = await source({ giveBack: true }).open('test/one');
    const session = await host.model('adder');
    for (let i = 0; i < 3; i++) expect(await values(session, host.scope())).toEqual([4, 6]);
  });

  it('refuses to open a model for which there is too little memory, and opens it when there is more', async () => {
    const host = await source({ memory: 1 }).open('test/one');
    await expect(host.model('adder')).rejects.toMatchObject({ code: 'MEMORY_FULL', where: 'add' });
    await expect(host.model('adder')).rejects.toMatchObject({ code: 'MEMORY_FULL' });
    const other = await source({ memory: Infinity }).open('test/one');
    expect(await values(await other.model('adder'), other.scope())).toEqual([4, 6]);
  });

  it('reads int64 and bool outputs as numbers', async () => {
    const host = await source().open('test/one');
    const scope = host.scope();
    const ids: HostTensor = { dtype: 'int64', dims: [3], data: BigInt64Array.of(5n, -6n, 0n) };
    const { doubled, positive } = await (await host.model('doubler')).run({ ids }, { scope });
    expect([doubled?.dtype, positive?.dtype]).toEqual(['int64', 'bool']);
    expect([...((await doubled?.read()) ?? [])]).toEqual([10, -12, 0]);
    expect([...((await positive?.read()) ?? [])]).toEqual([1, 0, 0]);
  });

  it.each([
    ['a missing input', { x: pair.x }, /input 'y' is missing/],
    ['an unknown input', { ...pair, z: pair.x }, /no input 'z'/],
    ['a wrong shape', { ...pair, x: float([1, 3], [1, 2, 3]) }, /invalid dimensions for input: x/],
  ])('refuses %s with MODEL_RUN_FAILED and goes on working', async (_, feeds, message) => {
    const host = await source().open('test/one');
    const session = await host.model('adder');
    const scope = host.scope();
    const failing = session.run(feeds as never, { scope });
    await expect(failing).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED', where: 'add' });
    await expect(failing).rejects.toThrow(message);
    expect(host.liveTensors).toBe(0);
    expect(await values(session, scope)).toEqual([4, 6]);
  });

  it('refuses values that do not fill their shape', async () => {
    const host = await source().open('test/one');
    const session = await host.model('adder');
    await expect(
      session.run({ ...pair, x: float([2, 2], [1]) }, { scope: host.scope() }),
    ).rejects.toMatchObject({ code: 'VALUE_INVALID', where: 'x' });
  });
});

describe('ports with other names in the file', () => {
  it("are fed, asked for and shown by the manifest's; an input that the file lacks is accepted", async () => {
    const renamed = fixtureBundle();
    try {
      const add = renamed.manifest.models['add'] as object & { inputs: ModelPort[]; outputs: ModelPort[] };
      const [x, y] = add.inputs as [ModelPort, ModelPort];
      const [sum] = add.outputs as [ModelPort];
      Object.assign(add, {
        inputs: [{ ...x, name: 'left' }, y, { ...y, name: 'unused' }],
        outputs: [{ ...sum, name: 'total' }],
        names: { left: 'x', unused: '', total: 'sum' },
      });
      renamed.write();
      const host = await source({ bundle: folderBundle(renamed.directory) }).open('test/one');
      const session = await host.model('adder');
      expect(session.inputs.map(({ name }) => name)).toEqual(['left', 'y', 'unused']);
      const feeds = { left: pair.x, y: pair.y, unused: pair.y };
      const { total } = await session.run(feeds, { scope: host.scope(), outputs: ['total'] });
      expect([...((await total?.read()) ?? [])]).toEqual([4, 6]);
      const wrong = session.run({ x: pair.x, y: pair.y }, { scope: host.scope() });
      await expect(wrong).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED' });
      await host.dispose();
    } finally {
      renamed.remove();
    }
  });
});

describe('abort', () => {
  it('before a call: it is never sent', async () => {
    const host = await source().open('test/one');
    const session = await host.model('adder');
    const run = session.run(pair, { scope: host.scope(), signal: AbortSignal.abort(new Error('enough')) });
    await expect(run).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } });
  });

  it('during a call: it ends, its outputs are released, and the next call works', async () => {
    const host = await source().open('test/one');
    const slow = await host.model('slow');
    const controller = new AbortController();
    const scope = host.scope();
    const run = slow.run(
      { x: float([256, 256], Array(256 * 256).fill(0)) },
      { scope, signal: controller.signal },
    );
    setTimeout(() => controller.abort(), 10);
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
    expect(host.liveTensors).toBe(0);
    expect(await values(await host.model('adder'), scope)).toEqual([4, 6]);
  });

  it('between two calls of a chain: the second is never sent', async () => {
    const host = await source().open('test/one');
    const session = await host.model('adder');
    const controller = new AbortController();
    const scope = host.scope();
    const { sum } = await session.run(pair, { scope, outputs: ['sum'], signal: controller.signal });
    controller.abort();
    await expect(
      session.run({ x: sum as never, y: pair.y }, { scope, signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'ABORTED' });
    scope.release();
    expect(host.liveTensors).toBe(0);
  });

  it('of an opening', async () => {
    await expect(source().open('test/one', AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('sharing', () => {
  it('tensors of one host are inputs for another of the same source, also after the first is gone', async () => {
    const shared = source();
    const one = await shared.open('test/one');
    const scope = one.scope();
    const { sum } = await (await one.model('adder')).run(pair, { scope, outputs: ['sum'] });
    const kept = scope.keep(sum as NonNullable<typeof sum>);
    await one.dispose();
    expect([...(await kept.read())]).toEqual([4, 6]);
    const two = await shared.open('test/two');
    const { product } = await (
      await two.model('sum')
    ).run({ x: kept, y: kept }, { scope: two.scope(), outputs: ['product'] });
    expect([...((await product?.read()) ?? [])]).toEqual([16, 36]);
    kept.release();
  });

  it('a host disposed twice leaves the others of its source alone', async () => {
    const shared = source();
    const [one, two] = await Promise.all([shared.open('test/one'), shared.open('test/two')]);
    await one.model('adder');
    const session = await two.model('sum');
    await Promise.all([one.dispose(), one.dispose()]);
    await one.dispose();
    expect(await values(session, two.scope())).toEqual([4, 6]);
    await expect(one.model('adder')).rejects.toMatchObject({ code: 'DISPOSED' });
  });

  it('asking for one role many times at once opens it once', async () => {
    const host = await source().open('test/one');
    const sessions = await Promise.all(Array.from({ length: 20 }, () => host.model('adder')));
    expect(new Set(sessions).size).toBe(1);
  });
});

describe('dispose', () => {
  it('ends everything; handles and sessions say so', async () => {
    const made = source();
    const host = await made.open('test/one');
    const session = await host.model('adder');
    const { sum } = await session.run(pair, { scope: host.scope() });
    await made.dispose();
    expect(made.liveTensors).toBe(0);
    await expect(sum?.read()).rejects.toMatchObject({ code: 'TENSOR_RELEASED' });
    await expect(
      session.run(pair, { scope: { own: () => {}, keep: (t) => t, release: () => {} } }),
    ).rejects.toMatchObject({ code: 'DISPOSED' });
    await expect(made.open('test/one')).rejects.toMatchObject({ code: 'DISPOSED' });
  });

  it('during an opening leaves nothing open', async () => {
    const made = source();
    const host = await made.open('test/one');
    const opening = host.model('adder');
    const outcome = opening.then(
      () => 'opened',
      (error: { code: string }) => error.code,
    );
    await host.dispose();
    expect(['DISPOSED', 'opened']).toContain(await outcome);
    await made.dispose();
  });
});

describe('devices', () => {
  it('auto ends on a device that runs, and says once why better ones were passed over', async () => {
    const warnings: string[] = [];
    const made = source({ device: 'auto', onWarning: (message) => warnings.push(message) });
    const host = await made.open('test/one');
    const session = await host.model('adder');
    await (await made.open('test/two')).model('sum');
    expect(await values(session, host.scope())).toEqual([4, 6]);
    expect(warnings.length).toBeLessThanOrEqual(1);
    if (session.device === 'cpu') expect(warnings[0]).toMatch(/^device auto: using cpu; \w+: .+/);
    expect(made.warnings).toEqual(warnings);
  });

  it.skipIf(process.platform === 'darwin')(
    'an explicit device that cannot be here is refused with what to do',
    async () => {
      await expect(source({ device: 'coreml' }).open('test/one')).rejects.toMatchObject({
        code: 'DEVICE_UNAVAILABLE',
        hint: expect.stringContaining('macOS'),
      });
    },
  );

  it.skipIf(existsSync('/dev/nvidiactl'))('cuda without CUDA names the command that adds it', async () => {
    await expect(source({ device: 'cuda' }).open('test/one')).rejects.toThrow(
      process.platform === 'linux' && process.arch === 'x64'
        ? /onnxruntime-node-install=cuda12/
        : /CUDA needs Linux/,
    );
  });

  it('an unknown device is refused with the nearest name', async () => {
    await expect(source({ device: 'webgp' as 'webgpu' }).open('test/one')).rejects.toMatchObject({
      code: 'DEVICE_UNKNOWN',
      hint: expect.stringContaining("'webgpu'"),
    });
  });
});

describe('options', () => {
  it.each([{ maxQueue: 0 }, { threads: 1.5 }, { maxQueue: Number.NaN }])('%o are refused', (options) => {
    expect(() => source(options)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });

  it('an unknown recipe is refused with the nearest name', async () => {
    await expect(source().open('test/onn')).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      hint: expect.stringContaining("'test/one'"),
    });
  });
});
