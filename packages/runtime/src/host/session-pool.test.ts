import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBundle } from '../bundle/open-bundle.js';
import type { CheckedModel } from '../bundle/bundle.js';
import { folderBundle } from '../bundle/source.js';
import { Engine } from '../engine/engine.js';
import { fixtureBundle } from '../fixture-bundle.test.helper.js';
import type { FixtureBundle } from '../fixture-bundle.test.helper.js';
import { MemoryGate } from '../memory/memory-gate.js';
import { SessionPool } from './session-pool.js';

let fixture: FixtureBundle;
let adder: CheckedModel;
let joiner: CheckedModel;
beforeAll(async () => {
  fixture = fixtureBundle();
  const bundle = await openBundle(folderBundle(fixture.directory));
  adder = bundle.model('test/one', 'adder');
  joiner = bundle.model('test/one', 'joiner');
});
afterAll(() => fixture.remove());

const pools: SessionPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.dispose()));
});

/** A pool whose worker ends its thread when asked to close session -1; `engines` has every one it started. */
function pool(keepOpen = false): { pool: SessionPool; engines: Engine[] } {
  const engines: Engine[] = [];
  const script = new URL('../../fixtures/crashing-worker.mjs', import.meta.url);
  const make = (device: 'cpu' | 'cuda' | 'webgpu' | 'coreml' | 'dml', onIdle: () => void): Engine => {
    const engine = new Engine({ device, maxQueue: 8, script, onIdle });
    engines.push(engine);
    return engine;
  };
  const made = new SessionPool(make, {
    threads: () => 1,
    keepOpen,
    giveBack: false,
    memory: new MemoryGate(),
  });
  pools.push(made);
  return { pool: made, engines };
}

describe('SessionPool', () => {
  it('opens a file once, however many ask at the same time', async () => {
    const { pool: shared, engines } = pool();
    const leases = await Promise.all([1, 2, 3].map(() => shared.lease(adder, 'cpu')));
    expect(new Set(leases.map((lease) => lease.shared)).size).toBe(1);
    const other = await shared.lease(joiner, 'cpu');
    expect(other.shared.session).not.toBe(leases[0]?.shared.session);
    expect(engines.length).toBe(1);
  });

  it('ends the worker with the last share, and starts another for the next', async () => {
    const { pool: shared, engines } = pool();
    const [one, two] = await Promise.all([shared.lease(adder, 'cpu'), shared.lease(adder, 'cpu')]);
    await one.release();
    await one.release();
    expect(engines[0]?.usable).toBe(true);
    await two.release();
    expect(engines[0]?.usable).toBe(false);
    await shared.lease(adder, 'cpu');
    expect(engines.length).toBe(2);
  });

  it('keeps everything open until disposed, when told to', async () => {
    const { pool: shared, engines } = pool(true);
    const { shared: first, release } = await shared.lease(adder, 'cpu');
    await release();
    expect((await shared.lease(adder, 'cpu')).shared).toBe(first);
    await shared.dispose();
    expect(engines.map((engine) => engine.usable)).toEqual([false]);
  });

  it('starts a fresh worker after one crashed; the old sessions stay ended', async () => {
    const { pool: shared, engines } = pool();
    const before = await shared.lease(adder, 'cpu');
    await engines[0]?.close(-1);
    const after = await shared.lease(adder, 'cpu');
    expect(engines.map((engine) => engine.usable)).toEqual([false, true]);
    const values = { dtype: 'float32', dims: [1, 2], data: Float32Array.of(1, 2) } as const;
    const run = (lease: typeof before) =>
      lease.shared.engine.run(lease.shared.session, 'add', { x: values, y: values }, ['sum'], undefined);
    await expect(run(before)).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
    expect(await run(after)).toMatchObject([{ name: 'sum', early: Float32Array.of(2, 4) }]);
    await before.release();
    expect(await run(after)).toHaveLength(1);
  });

  it('forgets an opening that failed', async () => {
    const { pool: shared } = pool();
    const wrong: CheckedModel = { ...adder, path: `${adder.path}.missing` };
    await expect(shared.lease(wrong, 'cpu')).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
    await expect(shared.lease(adder, 'cpu')).resolves.toBeDefined();
  });

  it('refuses a file whose ports are not those of its manifest', async () => {
    const { pool: shared } = pool();
    const wrong: CheckedModel = { ...adder, inputs: [{ name: 'x', dtype: 'float32', shape: ['N', 3] }] };
    await expect(shared.lease(wrong, 'cpu')).rejects.toMatchObject({
      code: 'BUNDLE_SHAPE_MISMATCH',
      where: 'bundle.json: models.add.inputs.x',
    });
  });
});
