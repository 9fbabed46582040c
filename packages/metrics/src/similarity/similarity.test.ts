import { encodeMask, type ScoreMap } from '@maskloom/core';
import { describe, expect, it } from 'vitest';
import { maskIn, measuresGolden } from '../measures-golden.test-helper.js';
import { similarityAtImageSize } from './at-image-size.js';
import { bestThreshold } from './grid-search.js';
import { similarityIouMeasure } from './similarity-measure.js';
import { similarityPrompts } from './similarity-prompts.js';

const golden = measuresGolden().similarity;
const mapOf = (levels: readonly number[]): Float32Array => Float32Array.from(levels, (level) => level / 255);
const map = (values: number[], columns: number, covers: ScoreMap['covers']): ScoreMap => ({
  kind: 'similarity',
  rows: values.length / columns,
  columns,
  values: Float32Array.from(values),
  covers,
});

describe('S_IoU', () => {
  it('finds the threshold, intersection and union of trying them all', () => {
    for (const [i, { levels, truth, ignore, best, ...image }] of golden.cases.entries()) {
      const found = bestThreshold(mapOf(levels), maskIn(image, truth), 0.01, maskIn(image, ignore));
      expect([found.threshold, found.intersection, found.union], `case ${i}`).toEqual(best);
    }
  });

  it('sums up to the reference to 1e-12', () => {
    const measure = similarityIouMeasure();
    const sums = measure.accumulator();
    golden.cases.forEach(({ levels, truth, ignore, ...image }, i) => {
      const query = { map: mapOf(levels), truth: maskIn(image, truth), ignore: maskIn(image, ignore) };
      sums.add(i, measure.count({ queries: [query] }));
    });
    const { figures, switches } = sums.result({ intervals: false });
    expect(figures['S_IoU gIoU']?.value).toBeCloseTo(golden.gIoU, 12);
    expect(figures['S_IoU cIoU']?.value).toBeCloseTo(golden.cIoU, 12);
    expect(switches['oracle']).toBe(true);
  });

  it('refuses maps that do not fit or leave 0..1', () => {
    const truth = encodeMask(Uint8Array.of(1, 0), 2, 1);
    const invalid = expect.objectContaining({ code: 'VALUE_INVALID' }) as Error;
    expect(() => bestThreshold(Float32Array.of(1), truth)).toThrow(invalid);
    expect(() => bestThreshold(Float32Array.of(1, 1.01), truth)).toThrow(invalid);
    expect(() => bestThreshold(Float32Array.of(1, NaN), truth)).toThrow(invalid);
    expect(() => similarityIouMeasure({ step: 0.3 })).toThrow(invalid);
  });
});

describe('a similarity map at image size', () => {
  const ramp = map([0, 1, 2, 3], 2, [2, 0, 4, 4]);

  it('lies where the model looked, zeros elsewhere', () => {
    const at = similarityAtImageSize(ramp, { width: 8, height: 4 });
    const row = [...at.subarray(0, 8)];
    expect([row[0], row[1], row[6], row[7]]).toEqual([0, 0, 0, 0]);
    // Corners of a 2 x 2 plane are kept by bilinear resizing; scores run from 0 to 1.
    expect(row[2]).toBe(0);
    expect(row[5]).toBeCloseTo(1 / 3, 6);
    expect(at[3 * 8 + 5]).toBe(1);
  });

  it('goes the reference way over 336 x 336 with the ends rounded down', () => {
    const at = similarityAtImageSize(ramp, { width: 640, height: 480 }, 'reference');
    // 640 * 336 / 480 = 448: 56 zeros on both sides of 336, so the first 80 columns of 640 are (nearly) unseen.
    expect(Math.max(...at.subarray(0, 78))).toBe(0);
    const bottom = at.subarray(479 * 640, 480 * 640);
    expect(bottom[70]).toBe(0);
    expect(bottom[100]).toBeCloseTo(2 / 3, 6);
    expect(bottom[540]).toBeCloseTo(1, 6);
    expect(bottom[570]).toBe(0);
  });

  it('is zero for a flat map and refuses broken ones', () => {
    expect(similarityAtImageSize(map([5, 5, 5, 5], 2, [0, 0, 2, 2]), { width: 2, height: 2 })).toEqual(
      new Float32Array(4),
    );
    const invalid = expect.objectContaining({ code: 'VALUE_INVALID' }) as Error;
    expect(() => similarityAtImageSize(map([1, NaN], 2, [0, 0, 2, 2]), { width: 2, height: 2 })).toThrow(
      invalid,
    );
    expect(() => similarityAtImageSize(map([1, 2], 2, [0, 0, 0, 2]), { width: 2, height: 2 })).toThrow(
      invalid,
    );
  });
});

describe('points of P_prompt', () => {
  it('are the cells over the threshold and as many of the least similar', () => {
    const cells = map([9, 1, 2, 8.5, 0, 3, 4, 5], 4, [10, 20, 40, 20]);
    const { xy, labels, frame } = similarityPrompts(cells, { pool: 1 });
    expect(frame).toBe('ImagePx');
    expect([...labels]).toEqual([1, 1, 0, 0]);
    expect([...xy]).toEqual([15, 25, 45, 25, 15, 35, 25, 25]);
  });

  it('are those of READ over the whole picture, when asked for as its code has them', () => {
    expect(golden.prompts.length).toBeGreaterThan(4);
    for (const { side, levels, points, ...over } of golden.prompts) {
      const { xy, labels } = similarityPrompts(map([...levels], side, [3, 4, 20, 20]), { over });
      const found = Array.from(labels, (label, i) => [xy[2 * i] ?? NaN, xy[2 * i + 1] ?? NaN, label]);
      const sorted = found.sort((a, b) => a.map((v, i) => v - (b[i] ?? 0)).find((d) => d !== 0) ?? 0);
      expect(sorted, `${over.width} x ${over.height}`).toEqual(points);
    }
  });

  it('are at most half of the cells, after averaging squares of four', () => {
    const flat = map(new Array<number>(16).fill(3), 4, [0, 0, 8, 8]);
    // Flat: no cell is over the threshold, one point of each kind remains.
    expect([...similarityPrompts(flat).labels]).toEqual([1, 0]);
    const high = map([9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0], 4, [0, 0, 8, 8]);
    const { xy, labels } = similarityPrompts(high);
    expect([...labels]).toEqual([1, 1, 0, 0]);
    expect([...xy]).toEqual([2, 2, 6, 2, 6, 6, 2, 2]);
  });
});
