import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resizeBilinear, type DecodedMasks, type Plane } from '@maskloom/core';
import { noise } from '@maskloom/core/conformance';
import { mergeChannels, type MergeRule } from './semantic-merge.js';

/** Every channel at image size in full, one after the other: Mask2Former's merge as it is written down. */
function plainly(
  decoded: DecodedMasks,
  scores: readonly number[],
  channels: readonly number[],
  count: number,
  { combine, least }: MergeRule,
): { readonly labels: number[]; readonly scores: number[] } {
  const { width, height, logits, transform } = decoded;
  const { input, resized, original } = transform;
  const labels = new Uint16Array(original.width * original.height);
  const best = new Float32Array(labels.length);
  for (let name = 0; name < count; name++) {
    const channel = new Float32Array(labels.length);
    channels.forEach((of, n) => {
      if (of !== name) return;
      const values = logits.subarray(n * width * height, (n + 1) * width * height);
      const plane = cut(resizeBilinear({ values, width, height }, input), resized);
      resizeBilinear(plane, original).values.forEach((logit, p) => {
        const value = (scores[n] ?? 0) / (1 + Math.exp(-logit));
        const before = channel[p] ?? 0;
        channel[p] = combine === 'sum' ? before + value : Math.max(before, value);
      });
    });
    channel.forEach((value, p) => {
      if (value < least || value <= (best[p] ?? 0)) return;
      best[p] = value;
      labels[p] = name + 1;
    });
  }
  const means = Array.from({ length: count }, (_, name) => {
    let [sum, area] = [0, 0];
    labels.forEach((label, p) => {
      if (label === name + 1) [sum, area] = [sum + (best[p] ?? 0), area + 1];
    });
    return Math.min(1, sum / Math.max(1, area));
  });
  return { labels: [...labels], scores: means };
}

function cut(plane: Plane, { width, height }: Pick<Plane, 'width' | 'height'>): Plane {
  const values = Float32Array.from({ length: width * height }, (_, p) => {
    return plane.values[Math.floor(p / width) * plane.width + (p % width)] ?? 0;
  });
  return { values, width, height };
}

interface Case {
  readonly decoded: DecodedMasks;
  readonly scores: number[];
  readonly channels: number[];
}

/** Blobs, some steep, some flat, some everywhere or the same twice, over a landscape or portrait image of any size. */
function drawn(seed: number, count: number, names: number, long: number, short: number): Case {
  const [width, height] = [12 + (seed % 9), 14 + (seed % 5)];
  const portrait = seed % 2 === 0;
  const original = portrait ? { width: short, height: long } : { width: long, height: short };
  const scale = 40 / long;
  const resized = {
    width: Math.max(1, Math.round(original.width * scale)),
    height: Math.max(1, Math.round(original.height * scale)),
  };
  const draw = noise(6 * count, seed + 1);
  const logits = Float32Array.from({ length: count * width * height }, (_, i) => {
    const n = Math.floor(i / (width * height));
    const [x, y] = [i % width, Math.floor(i / width) % height];
    const [a = 0, b = 0, r = 0, steep = 0, kind = 0] = draw.subarray(6 * n, 6 * n + 5);
    if (kind > 0.8) return 30 * kind;
    if (kind < -0.9) return 0;
    return (
      (1 + 9 * Math.abs(steep)) *
      (4 + 4 * r - Math.hypot(x - width * (0.5 + a / 2), y - height * (0.5 + b / 2)))
    );
  });
  const decoded: DecodedMasks = {
    logits,
    count,
    width,
    height,
    quality: new Float32Array(count),
    transform: {
      frame: 'SamPx',
      original,
      resized,
      input: { width: 40, height: 40 },
      scaleX: scale,
      scaleY: scale,
      offsetX: 0,
      offsetY: 0,
    },
  };
  // Coarse scores, so that values are equal at whole regions; 0 and 1 among them.
  const scores = Array.from(noise(count, seed + 2), (value) => Math.round(2 + 2 * value) / 4);
  const channels = Array.from(noise(count, seed + 3), (value) =>
    Math.min(names - 1, Math.floor(((value + 1) / 2) * names)),
  );
  return { decoded, scores, channels };
}

describe('mergeChannels', () => {
  it('gives labels and scores of the plain form to the bit, for any masks, scores, names, sizes and rule', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(10_000),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 20, max: 90 }),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom('max' as const, 'sum' as const),
        fc.constantFrom(0, 0.1, 0.25, 0.5, 1.5),
        async (seed, count, names, long, short, combine, least) => {
          const { decoded, scores, channels } = drawn(seed, count, names, long, short);
          const rule = { combine, least };
          const merged = await mergeChannels(decoded, scores, channels, names, rule);
          const wanted = plainly(decoded, scores, channels, names, rule);
          expect([...merged.labels]).toEqual(wanted.labels);
          expect(merged.scores).toEqual(wanted.scores);
        },
      ),
      { numRuns: 120 },
    );
  });
});
