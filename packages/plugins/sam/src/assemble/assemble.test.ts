import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMask, resolveMasks, atOnce, type DecodedMasks } from '@maskloom/core';
import { noise } from '@maskloom/core/conformance';
import { bitMasks, overlapAbove } from './low-resolution.js';
import { keptOf, maskNms, pickMasks } from './mask-nms.js';
import { mergeByName } from './merge-by-name.js';
import { mergeChannels } from './semantic-merge.js';

const SIDE = 12;

/** Random blobs over an image of 30 x 20, padded into a square of 24. */
function decoded(count: number, seed: number): DecodedMasks {
  const place = noise(3 * count, seed + 1);
  const logits = Float32Array.from({ length: count * SIDE * SIDE }, (_, i) => {
    const n = Math.floor(i / (SIDE * SIDE));
    const [x, y] = [i % SIDE, Math.floor(i / SIDE) % SIDE];
    const [a = 0, b = 0, r = 0] = [place[3 * n], place[3 * n + 1], place[3 * n + 2]];
    return 4 + 3 * r - Math.hypot(x - 6 - 5 * a, y - 4 - 4 * b) * 1.5;
  });
  return {
    logits,
    count,
    width: SIDE,
    height: SIDE,
    quality: new Float32Array(count).fill(0.5),
    transform: {
      frame: 'SamPx',
      original: { width: 30, height: 20 },
      resized: { width: 24, height: 16 },
      input: { width: 24, height: 24 },
      scaleX: 0.8,
      scaleY: 0.8,
      offsetX: 0,
      offsetY: 0,
    },
  };
}
const cells = ({ logits }: DecodedMasks, n: number): boolean[] =>
  [...logits.subarray(n * SIDE * SIDE, (n + 1) * SIDE * SIDE)].map((value) => value > 0);
const iou = (a: boolean[], b: boolean[]): number => {
  const both = a.filter((set, i) => set && b[i]).length;
  const either = a.filter((set, i) => set || b[i]).length;
  return either === 0 ? 0 : both / either;
};
const seeds = fc.integer({ min: 0, max: 10_000 });

/** Masks of several blocks, the last ones cut off, with blocks that are full and blocks that are not; NaN is not set. */
function large(count: number, seed: number): DecodedMasks {
  const [width, height] = [37 + (seed % 30), 50 - (seed % 20)];
  const draw = noise(5 * count, seed + 2);
  const logits = Float32Array.from({ length: count * width * height }, (_, i) => {
    const n = Math.floor(i / (width * height));
    const [x, y] = [i % width, Math.floor(i / width) % height];
    const [a = 0, b = 0, r = 0, kind = 0, odd = 0] = draw.subarray(5 * n, 5 * n + 5);
    if (kind > 0.8) return -1;
    if (odd > 0.9 && i % 97 === 0) return NaN;
    const away = Math.hypot(x - width * (0.5 + a / 2), y - height * (0.5 + b / 2));
    return kind < -0.8 ? Math.sin(i * (1 + kind)) : 14 + 12 * r - away;
  });
  return { ...decoded(count, seed), logits, width, height };
}

describe('bit masks', () => {
  it('overlap by more than a limit when the dense masks do, at every limit near their IoU too', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.double({ min: 0, max: 1, noNaN: true }), async (seed, limit) => {
        for (const masks of [decoded(4, seed), large(4, seed)]) {
          const size = masks.width * masks.height;
          const dense = (n: number): boolean[] =>
            [...masks.logits.subarray(n * size, (n + 1) * size)].map((value) => value > 0);
          const bits = atOnce(bitMasks(masks));
          for (let a = 0; a < 4; a++) {
            expect(bits.areas[a]).toBe(dense(a).filter(Boolean).length);
            for (let b = 0; b < 4; b++) {
              const exact = iou(dense(a), dense(b));
              for (const at of [limit, exact, exact - 1e-9, exact + 1e-9, 0])
                expect(overlapAbove(bits, a, b, at)).toBe(exact > at && exact > 0);
            }
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('maskNms', () => {
  it('keeps a mask unless a better one covers it, for any masks, scores and limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        seeds,
        fc.integer({ min: 0, max: 9 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (seed, count, limit) => {
          const masks = decoded(count, seed);
          const scores = [...noise(count, seed)].map((value) => Math.round(4 * value) / 4);
          const order = scores.map((_, n) => n).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
          const wanted: number[] = [];
          for (const n of order)
            if (
              cells(masks, n).includes(true) &&
              wanted.every((k) => iou(cells(masks, n), cells(masks, k)) <= limit)
            )
              wanted.push(n);
          const kept = await maskNms(masks, scores, limit);
          expect(kept).toEqual(wanted);
          // What was kept is kept again.
          const again = await maskNms(
            pickMasks(masks, kept),
            kept.map((n) => scores[n] ?? 0),
            limit,
          );
          expect(again).toEqual(kept.map((_, n) => n));
        },
      ),
    );
  });

  it('drops empty masks and keeps nothing of nothing', async () => {
    const empty = { ...decoded(2, 1), logits: new Float32Array(2 * SIDE * SIDE).fill(-1) };
    expect(await maskNms(empty, [1, 1], 1)).toEqual([]);
    expect(await maskNms(decoded(0, 1), [], 0.5)).toEqual([]);
  });
});

describe('mergeChannels', () => {
  it('is one mask where there is one: least at half its score cuts at logit 0', async () => {
    const masks = decoded(1, 5);
    const { labels } = await mergeChannels(masks, [0.8], [0], 1, { combine: 'max', least: 0.4 });
    const [mask] = resolveMasks(masks).masks;
    expect([...labels]).toEqual([...decodeMask(mask ?? { size: [1, 1], counts: '' }).pixels]);
  });

  it('gives every pixel to the highest channel, whatever the order of masks within one', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.constantFrom('max' as const, 'sum' as const), async (seed, combine) => {
        const masks = decoded(5, seed);
        const scores = [0.9, 0.8, 0.7, 0.6, 0.5];
        const channels = [0, 1, 0, 2, 1];
        const rule = { combine, least: 0.3 };
        const merged = await mergeChannels(masks, scores, channels, 3, rule);
        const order = [2, 4, 3, 1, 0];
        const turned = await mergeChannels(
          pickMasks(masks, order),
          order.map((n) => scores[n] ?? 0),
          order.map((n) => channels[n] ?? 0),
          3,
          rule,
        );
        const differing = merged.labels.filter((label, p) => label !== turned.labels[p]).length;
        // Sums may round otherwise at a tie.
        expect(differing).toBeLessThanOrEqual(combine === 'max' ? 0 : 2);
        merged.scores.forEach((score) => expect(score).toBeLessThanOrEqual(1));
      }),
      { numRuns: 30 },
    );
  });

  it('names no pixel where there is no mask', async () => {
    const { labels, scores } = await mergeChannels(decoded(0, 1), [], [], 0, { combine: 'max', least: 0.1 });
    expect(labels.every((label) => label === 0)).toBe(true);
    expect(scores).toEqual([]);
  });
});

describe('mergeByName', () => {
  it('gives one segment per name, none overlapping, with the evidence of the best', async () => {
    const masks = decoded(4, 11);
    const patch = (objectness: number) => ({
      patch: { row: 0, column: 0, objectness, box: [0, 0, 1, 1] as const },
    });
    const labels = [
      { label: 'sky', score: 0.5, evidence: patch(0.5) },
      { label: 'ring', score: 0.9, evidence: patch(0.9) },
      { label: 'sky', score: 0.8, evidence: patch(0.8) },
      { label: 'star', score: 0.7, evidence: patch(0.7) },
    ];
    const segments = await mergeByName(masks, labels, { combine: 'max', least: 0.1 }, 'test');
    expect(new Set(segments.map(({ label }) => label)).size).toBe(segments.length);
    const taken = new Uint8Array(600);
    for (const { mask, area } of segments) {
      const { pixels } = decodeMask(mask);
      expect(pixels.reduce((sum, value) => sum + value, 0)).toBe(area);
      pixels.forEach((value, p) => (taken[p] = (taken[p] ?? 0) + value));
    }
    expect(Math.max(...taken)).toBe(1);
    expect(segments.find(({ label }) => label === 'sky')?.evidence?.patch?.objectness).toBe(0.8);
  });

  it('refuses labels that are not one per mask', async () => {
    await expect(
      mergeByName(decoded(2, 1), [{ label: 'a' }], { combine: 'max', least: 0 }, 'test'),
    ).rejects.toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });
});

describe('keptOf', () => {
  const masks = { count: 2 } as DecodedMasks;
  const last = (_: DecodedMasks, scores: readonly number[]) => [scores.length - 1];

  it('asks the rule once: not of masks that have survived it', async () => {
    expect(await keptOf(masks, [0.9, 0.1], last)).toEqual([1]);
    expect(await keptOf({ ...masks, survived: true }, [0.9, 0.1], last)).toEqual([0, 1]);
  });
});
