import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ImageTransform } from '@maskloom/core';
import { similarityToPoints, type SaspSettings } from './sasp.js';

/** One case of `training/golden/make_sasp_golden.py`: a PyTorch implementation that shares no code with this one. */
interface GoldenCase {
  readonly name: string;
  readonly map: string;
  readonly rows: number;
  readonly side: number;
  readonly width: number;
  readonly height: number;
  readonly geometry: 'exact' | 'compat';
  readonly distance: 'l2' | 'squared' | null;
  readonly radius: number;
  readonly downSample: number;
  readonly mode: 'fixed' | 'meanSigma';
  readonly positive?: number;
  readonly negative?: number;
  readonly epsilon?: number;
  readonly count: number;
  readonly clip: {
    readonly resized: [number, number];
    readonly scale: [number, number];
    readonly offset: [number, number];
  };
  readonly xy: readonly [number, number][];
  readonly labels: readonly number[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/sasp-golden.json', import.meta.url), 'utf8'),
) as { maps: Record<string, number[]>; cases: GoldenCase[] };

/** Interpolated points are sums over up to 307,200 pixels in PyTorch; discrete ones are exact but for float32. */
const TOLERANCE_PX = 2e-4;

const settingsOf = (c: GoldenCase): SaspSettings => ({
  downSample: c.downSample,
  thresholds:
    c.mode === 'fixed'
      ? { mode: 'fixed', positive: c.positive ?? NaN, negative: c.negative ?? NaN }
      : { mode: 'meanSigma', epsilon: c.epsilon ?? NaN },
  count: c.count,
  geometry: c.geometry,
  discreteToContinuous: c.distance === null ? false : { distance: c.distance, radius: c.radius },
});

const transformOf = (c: GoldenCase): ImageTransform<'ClipPx'> => ({
  frame: 'ClipPx',
  original: { width: c.width, height: c.height },
  resized: { width: c.clip.resized[0], height: c.clip.resized[1] },
  input: { width: c.side, height: c.side },
  scaleX: c.clip.scale[0],
  scaleY: c.clip.scale[1],
  offsetX: c.clip.offset[0],
  offsetY: c.clip.offset[1],
});

describe('similarityToPoints agrees with an independent PyTorch implementation', () => {
  it('has every size, setting, geometry and distance in the golden file', () => {
    expect(golden.cases).toHaveLength(64);
    expect(new Set(golden.cases.map((c) => `${c.geometry} ${c.distance}`)).size).toBe(6);
  });

  it.each(golden.cases.map((c) => [c.name, c] as const))('%s', (_, c) => {
    const scores = { rows: c.rows, columns: c.rows, values: Float32Array.from(golden.maps[c.map] ?? []) };
    const points = similarityToPoints(scores, transformOf(c), settingsOf(c));
    expect([...points.labels]).toEqual(c.labels);
    const expected = c.xy.flat();
    expect(points.xy).toHaveLength(expected.length);
    const worst = expected.reduce(
      (max, value, i) => Math.max(max, Math.abs(value - (points.xy[i] ?? NaN))),
      0,
    );
    expect(worst).toBeLessThan(TOLERANCE_PX);
  });
});
