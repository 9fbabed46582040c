// Self time out of a CPU profile made up by hand.
import { describe, expect, it } from 'vitest';
import { packageOf, selfTime, type CallFrame } from '../../scripts/profile/self-time.mjs';

const frame = (functionName: string, url = '', line = 1): CallFrame => ({
  functionName,
  url,
  lineNumber: line - 1,
});
const frames = [
  frame('(root)'),
  frame('(idle)'),
  frame('(garbage collector)'),
  frame('resolveMasks', 'file:///project/packages/masks/dist/resolve-masks.js', 12),
  frame('', 'file:///project/node_modules/@scope/one/lib/index.js', 3),
  frame('postMessage'),
  frame('resolveMasks', 'file:///project/packages/masks/dist/resolve-masks.js', 12),
];
// Samples at 2, 3, 5, 9, 14, 20, 27 ms on a clock that began at 1000 ms; the thread ended at 30 ms.
const profile = {
  startTime: 1_000_000,
  endTime: 1_030_000,
  nodes: frames.map((callFrame, i) => ({ id: i + 1, callFrame })),
  samples: [2, 4, 5, 3, 7, 6, 2],
  timeDeltas: [2000, 1000, 2000, 4000, 5000, 6000, 7000],
};

describe('self time', () => {
  it('counts each sample until the next one, by package and by function, idle and garbage collection apart', () => {
    const resolve = 'resolveMasks (packages/masks, resolve-masks.js:12)';
    expect(selfTime(profile)).toEqual({
      idle: 1 + 3,
      garbage: 5,
      busy: 24,
      packages: [
        ['packages/masks', 2 + 6],
        ['native code', 7],
        ['@scope/one', 4],
      ],
      functions: [
        [resolve, 2 + 6],
        ['postMessage (native code)', 7],
        ['(anonymous) (@scope/one, index.js:3)', 4],
      ],
    });
  });

  it('leaves out what is outside of the window', () => {
    const { idle, garbage, busy, packages } = selfTime(profile, { from: 1_004_000, until: 1_016_000 });
    expect({ idle, garbage, busy }).toEqual({ idle: 0, garbage: 5, busy: 12 });
    expect(packages).toEqual([
      ['@scope/one', 4],
      ['packages/masks', 1 + 2],
    ]);
  });

  it.each([
    ['file:///a/packages/plugins/sam/dist/decoder.js', 'packages/plugins/sam'],
    ['file:///a/node_modules/zod/v4/core.js', 'zod'],
    ['file:///a/node_modules/one/node_modules/@s/two/index.js', '@s/two'],
    ['node:internal/worker', 'node'],
    ['wasm://wasm/1234', 'WebAssembly'],
    ['file:///a/run.mjs', 'run.mjs'],
  ])('%s is of %s', (url, owner) => {
    expect(packageOf(frame('f', url))).toBe(owner);
  });
});
