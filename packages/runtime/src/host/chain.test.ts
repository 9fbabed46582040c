import { afterAll, describe, expect, it } from 'vitest';
import { hostTensor, runChain, type ChainedCall } from '@maskloom/core';
import { OwningScope } from '../engine/tensor-scope.js';
import { adders } from './adder.test.helper.js';
import type { OnnxSession } from './onnx-session.js';

const { engine, held, open } = adders();
afterAll(() => engine.dispose());

/** `total` of x and y; with `together` false, a session that can only be called by itself. */
async function adder(together = true): Promise<OnnxSession> {
  const session = await open();
  return together ? session : Object.assign(session, { chain: () => undefined });
}
const pair = (...values: number[]) => hostTensor('float32', [1, 2], Float32Array.from(values));

/** ((1, 2) + (3, 4)) doubled, then added to itself and the first sum. */
function calls(session: OnnxSession, wanted: readonly string[] = ['total']): ChainedCall[] {
  return [
    { session, feeds: { x: pair(1, 2), y: pair(3, 4) }, outputs: [] },
    {
      session,
      feeds: { x: { call: 0, output: 'total' }, y: { call: 0, output: 'total' } },
      outputs: wanted,
      read: wanted,
    },
    { session, feeds: { x: { call: 1, output: 'total' }, y: { call: 0, output: 'total' } } },
  ];
}

describe.each([
  ['in one message', true],
  ['one by one', false],
])('a chain %s', (_, together) => {
  it('feeds each call with what those before it gave, and gives what is wanted', async () => {
    const scope = new OwningScope();
    const [first, second, third] = await runChain(calls(await adder(together)), { scope });
    expect(Object.keys(first ?? {})).toEqual([]);
    expect([...((await second?.['total']?.read()) ?? [])]).toEqual([8, 12]);
    expect([...((await third?.['total']?.read()) ?? [])]).toEqual([12, 18]);
    // One of the second call, both outputs of the last, which names none.
    expect(held.live).toBe(3);
    scope.release();
    expect(held.live).toBe(0);
  });

  it('keeps nothing of the calls before the one that fails, and names that model', async () => {
    const session = await adder(together);
    const scope = new OwningScope();
    const bad: ChainedCall = {
      session,
      feeds: { x: { call: 1, output: 'total' }, y: hostTensor('float32', [1, 5], new Float32Array(5)) },
    };
    await expect(runChain([...calls(session).slice(0, 2), bad], { scope })).rejects.toMatchObject({
      code: 'MODEL_RUN_FAILED',
      where: 'add',
    });
    expect(held.live).toBe(0);
  });

  it('is not begun when it was aborted', async () => {
    const scope = new OwningScope();
    const signal = AbortSignal.abort();
    await expect(runChain(calls(await adder(together)), { scope, signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(held.live).toBe(0);
  });
});

it('gives large values that came along once without a copy, and again from the worker', async () => {
  const session = await adder();
  const scope = new OwningScope();
  const many = hostTensor(
    'float32',
    [5000, 2],
    Float32Array.from({ length: 10_000 }, (_, i) => i),
  );
  const { total } = await session.run({ x: many, y: many }, { scope, read: ['total'] });
  const [once, again] = [await total?.read(), await total?.read()];
  expect(once?.[9_999]).toBe(19_998);
  once?.fill(0);
  expect(again?.[9_999]).toBe(19_998);

  scope.release();
});
