import { afterAll, describe, expect, it } from 'vitest';
import { hostTensor, localTensor, type ModelPort } from '@maskloom/core';
import { OwningScope } from '../engine/tensor-scope.js';
import { adders } from './adder.test.helper.js';
import { knownOutputs } from './known-outputs.js';

const { engine, held, open } = adders();
afterAll(() => engine.dispose());

/** `total` of x and y; its port says what `output` says. */
const adder = (output: Partial<ModelPort>) => open((sum) => [{ ...sum, name: 'total', ...output }]);
const pair = (...values: number[]) => hostTensor('float32', [1, 2], Float32Array.from(values));
const SHAPE = { shape: [1, 2] };

describe('a call whose outputs are given before it ends', () => {
  it('can be fed on at once, read when it is there, and given back before', async () => {
    const session = await adder(SHAPE);
    const scope = new OwningScope();
    const first = session.ahead({ x: pair(1, 2), y: pair(3, 4) }, { scope });
    const total = first!.outputs['total']!;
    expect([total.dtype, total.dims]).toEqual(['float32', [1, 2]]);
    const second = session.ahead({ x: total, y: total }, { scope });
    const third = session.run({ x: second!.outputs['total']!, y: total }, { outputs: ['total'], scope });
    expect([...(await total.read())]).toEqual([4, 6]);
    expect([...((await (await third)['total']?.read()) ?? [])]).toEqual([12, 18]);
    expect(held.live).toBe(3);
    scope.release();
    expect(held.live).toBe(0);
    const unread = session.ahead({ x: pair(1, 2), y: pair(3, 4) }, { scope: new OwningScope() })!;
    unread.outputs['total']?.release();
    await unread.ready;
    expect([held.live, engine.live]).toEqual([0, 0]);
  });

  it('waits in line like any other, and what it feeds behind it', async () => {
    const session = await adder(SHAPE);
    const scope = new OwningScope();
    let last = session.ahead({ x: pair(1, 1), y: pair(0, 0) }, { scope })!;
    for (let n = 0; n < 6; n++) {
      const before = last.outputs['total']!;
      last = session.ahead({ x: before, y: before }, { scope })!;
    }
    expect([...((await last.outputs['total']?.read()) ?? [])]).toEqual([64, 64]);
    scope.release();
    expect([held.live, engine.live]).toEqual([0, 0]);
  });

  it('is not made where it is fed a tensor from elsewhere, which has to be read first', async () => {
    const session = await adder(SHAPE);
    const elsewhere = localTensor([1, 2], Float32Array.of(1, 2));
    expect(session.ahead({ x: elsewhere, y: pair(3, 4) }, { scope: new OwningScope() })).toBeUndefined();
  });

  it('tells why it failed, to whoever waits and to whoever reads', async () => {
    const session = await adder(SHAPE);
    const scope = new OwningScope();
    const bad = session.ahead(
      { x: pair(1, 2), y: hostTensor('float32', [1, 5], new Float32Array(5)) },
      { scope },
    );
    const failure = {
      code: 'MODEL_RUN_FAILED',
      where: 'add',
      message: expect.not.stringMatching(/released/),
    };
    await expect(bad!.outputs['total']?.read()).rejects.toMatchObject(failure);
    await expect(bad!.ready).rejects.toMatchObject(failure);
    scope.release();
    expect([held.live, engine.live]).toEqual([0, 0]);
  });

  it('fails when the model gives another shape than its port says', async () => {
    const session = await adder({ shape: [1, 3] });
    const scope = new OwningScope();
    const { ready } = session.ahead({ x: pair(1, 2), y: pair(3, 4) }, { scope })!;
    await expect(ready).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED', where: 'add' });
    scope.release();
    expect([held.live, engine.live]).toEqual([0, 0]);
  });

  it('is abandoned with its signal', async () => {
    const session = await adder(SHAPE);
    const scope = new OwningScope();
    const controller = new AbortController();
    const { ready } = session.ahead({ x: pair(1, 2), y: pair(3, 4) }, { scope, signal: controller.signal })!;
    controller.abort();
    await expect(ready).rejects.toMatchObject({ code: 'ABORTED' });
    expect(() =>
      session.ahead({ x: pair(1, 2), y: pair(3, 4) }, { scope, signal: controller.signal }),
    ).toThrow();
    scope.release();
    expect([held.live, engine.live]).toEqual([0, 0]);
  });
});

describe('knownOutputs', () => {
  const port = (name: string, ...shape: (number | string)[]): ModelPort => ({
    name,
    dtype: 'float32',
    shape,
  });
  const feeds = { x: hostTensor('float32', [3, 2], new Float32Array(6)) };

  it('takes lengths from the ports and from axes of the same name', () => {
    const ports = { inputs: [port('x', 'B', 2)], outputs: [port('a', 'B', 4), port('b', 5)] };
    expect(knownOutputs(ports, feeds, undefined)).toEqual([
      { name: 'a', dtype: 'float32', dims: [3, 4] },
      { name: 'b', dtype: 'float32', dims: [5] },
    ]);
  });

  it.each([
    ['an axis of another name', port('a', 'N', 4)],
    ['an axis without a name', port('a', '?', 4)],
  ])('does not know %s, unless it is not wanted', (_, output) => {
    const ports = { inputs: [port('x', '?', 2)], outputs: [output, port('b', 5)] };
    expect(knownOutputs(ports, feeds, undefined)).toBeUndefined();
    expect(knownOutputs(ports, feeds, ['b'])).toHaveLength(1);
  });
});
