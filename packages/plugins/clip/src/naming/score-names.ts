import type { TextEmbeddings } from '@maskloom/core';

/** The class that fits best, and how sure that is. */
export interface BestClass {
  /** Place among the classes. */
  readonly index: number;
  /** Share of the softmax of cosine / temperature over the classes, 0..1. */
  readonly score: number;
}

/**
 * The best class of each vector (CLIP, figure 3): softmax of cosine / temperature; of equal ones the first.
 * @param vectors - row-major [N, width], each of length 1 or 0
 */
export function bestClasses(
  vectors: Float32Array,
  { width, count, values }: TextEmbeddings,
  temperature: number,
): readonly BestClass[] {
  return Array.from({ length: vectors.length / width }, (_, n) => {
    const cosines = Float64Array.from({ length: count }, (_, t) => {
      let sum = 0;
      for (let c = 0; c < width; c++) sum += vectors[n * width + c]! * values[t * width + c]!;
      return sum;
    });
    const high = Math.max(...cosines);
    const total = cosines.reduce((sum, cosine) => sum + Math.exp((cosine - high) / temperature), 0);
    return { index: cosines.indexOf(high), score: 1 / total };
  });
}

/** Vectors divided by their lengths, in place; one of zeros stays so. */
export function unitRows(vectors: Float32Array, width: number): Float32Array {
  for (let at = 0; at < vectors.length; at += width) {
    const row = vectors.subarray(at, at + width);
    const length = Math.hypot(...row);
    if (length > 0) row.forEach((value, c) => (row[c] = value / length));
  }
  return vectors;
}
