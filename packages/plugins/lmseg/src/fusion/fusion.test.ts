import { describe, expect, it } from 'vitest';
import { localTensor, type FeatureMap } from '@maskloom/core';
import { DEFAULT_SIZES, fakeRun, Fixture } from '@maskloom/core/conformance';
import { TOY_SIZES, toyLmseg } from '../toy-lmseg.test-helper.js';
import { denseOnly } from './dense-only.js';
import { fusion } from './fusion.js';
import { unitGrid } from './unit-grid.js';

const at = new Fixture(32, 32, { ...DEFAULT_SIZES, ...TOY_SIZES });
const dense = at.tokens('vision');
const spatial = at.maskFeatures();
const context = () => ({
  models: toyLmseg(),
  signal: new AbortController().signal,
  warn: () => undefined,
});
const fused = async (weight?: number) => {
  const stage = await fusion(weight === undefined ? {} : { weight }).create(context());
  return stage.fuse(dense, spatial, fakeRun());
};

describe('the weight', () => {
  it('of 1 leaves the text-aligned features alone', async () => {
    const alone = await (await denseOnly().create(context())).fuse(dense, spatial, fakeRun());
    const [one, other] = [await (await fused(1)).features.tensor.read(), await alone.features.tensor.read()];
    one.forEach((value, i) => expect(Math.abs(value - (other[i] ?? NaN))).toBeLessThan(1e-5));
  });

  it('of 0 leaves the spatial features alone', async () => {
    const [zero, sam] = [await (await fused(0)).features.tensor.read(), await unitGrid(spatial)];
    zero.forEach((value, i) => expect(Math.abs(value - (sam[i] ?? NaN))).toBeLessThan(1e-5));
  });

  it('is told, learned or given', async () => {
    expect((await fused()).weight).toEqual({ kind: 'scalar', values: Float32Array.of(0.75) });
    expect((await fused(0.25)).weight).toEqual({ kind: 'scalar', values: Float32Array.of(0.25) });
  });
});

describe('unitGrid', () => {
  it('reads both layouts, and keeps cells of zeros', async () => {
    const shape = { space: 'x', width: 2, rows: 1, columns: 2, transform: dense.transform } as const;
    const tokens: FeatureMap = {
      ...shape,
      layout: 'tokens',
      tensor: localTensor([1, 2, 2], Float32Array.of(3, 4, 0, 0)),
    };
    expect([...(await unitGrid(tokens))].map((value) => Number(value.toFixed(6)))).toEqual([0.6, 0, 0.8, 0]);
    const grid: FeatureMap = {
      ...shape,
      layout: 'grid',
      tensor: localTensor([1, 2, 1, 2], Float32Array.of(3, 0, 4, 2)),
    };
    expect([...(await unitGrid(grid))].map((value) => Number(value.toFixed(6)))).toEqual([0.6, 0, 0.8, 1]);
  });
});
