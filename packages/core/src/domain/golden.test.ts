import { decodeMask, resizeBilinear } from '@maskloom/masks';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DecodedMasks } from './mask-set.js';
import { resolveMasks } from './resolve-masks.js';

// Made by training/golden/make_core_golden.py with PyTorch and pycocotools; the formulas are explained there.
interface Golden {
  readonly resize: readonly {
    readonly from: readonly [number, number];
    readonly to: readonly [number, number];
    readonly every: number;
    readonly values: readonly number[];
  }[];
  readonly masks: readonly {
    readonly low: number;
    readonly side: number;
    readonly original: readonly [number, number];
    readonly resized: readonly [number, number];
    readonly threshold: number;
    readonly masks: readonly {
      readonly counts: string;
      readonly area: number;
      readonly box: readonly number[];
      readonly near: readonly number[];
    }[];
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/golden.json', import.meta.url), 'utf8'),
) as Golden;

const planeAt = (x: number, y: number): number => (((73 * x + 151 * y + x * y) % 257) - 128) / 32;

function plane(width: number, height: number): Float32Array {
  return Float32Array.from({ length: width * height }, (_, i) => planeAt(i % width, Math.floor(i / width)));
}

function logits(count: number, width: number, height: number): Float32Array {
  return Float32Array.from({ length: count * width * height }, (_, i) => {
    const n = Math.floor(i / (width * height));
    const x = i % width;
    const y = Math.floor(i / width) % height;
    const cx = Math.floor(width / 3) + 5 * n;
    const cy = Math.floor(height / 2) - 3 * n;
    return 6 - ((x - cx) ** 2 + (y - cy) ** 2) / 64 + planeAt(x + n, y) / 4;
  });
}

describe('resizeBilinear', () => {
  it.each(golden.resize)('agrees with F.interpolate from $from to $to', ({ from, to, every, values }) => {
    const out = resizeBilinear(
      { width: from[0], height: from[1], values: plane(...from) },
      { width: to[0], height: to[1] },
    );
    const sampled = [...out.values].filter((_, i) => i % every === 0);
    expect(sampled.length).toBe(values.length);
    // Values lie within -4..4; single precision gives about 5e-7 there.
    values.forEach((value, i) => expect(Math.abs((sampled[i] ?? NaN) - value)).toBeLessThan(2e-6));
  });
});

describe('resolveMasks', () => {
  it.each(golden.masks)('agrees with SAM post-processing for $original at threshold $threshold', (at) => {
    const [width, height] = at.original;
    const decoded: DecodedMasks = {
      logits: logits(at.masks.length, at.low, at.low),
      count: at.masks.length,
      width: at.low,
      height: at.low,
      quality: new Float32Array(at.masks.length),
      transform: {
        frame: 'SamPx',
        original: { width, height },
        resized: { width: at.resized[0], height: at.resized[1] },
        input: { width: at.side, height: at.side },
        scaleX: at.resized[0] / width,
        scaleY: at.resized[1] / height,
        offsetX: 0,
        offsetY: 0,
      },
    };
    const resolved = resolveMasks(decoded, { threshold: at.threshold });
    expect(resolved.image).toEqual({ width, height });
    at.masks.forEach((expected, n) => {
      const mask = resolved.masks[n] ?? { size: [0, 0] as const, counts: '' };
      const ours = decodeMask(mask).pixels;
      const theirs = decodeMask({ size: [height, width], counts: expected.counts }).pixels;
      const different = [...ours.keys()].filter((i) => ours[i] !== theirs[i]);
      const near = new Set(expected.near);
      const columnMajor = different.map((i) => (i % width) * height + Math.floor(i / width));
      expect(columnMajor.filter((i) => !near.has(i))).toEqual([]);
      if (different.length > 0) return;
      expect(mask.counts).toBe(expected.counts);
      expect(resolved.areas[n]).toBe(expected.area);
      expect(resolved.boxes[n]).toEqual(expected.box);
    });
  });
});
