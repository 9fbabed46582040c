import { MaskloomError, type TextEmbeddings } from '@maskloom/core';

/** A class and how sure it is. */
export interface Nearest {
  /** Place among the embeddings. */
  readonly index: number;
  /** Share of the softmax of cosine / temperature, 0..1. */
  readonly score: number;
}

/**
 * The nearest class of each vector by cosine; of equal ones the first.
 * @throws MaskloomError STAGE_MISMATCH when vectors and texts are of different width
 */
export function nearest(
  { values, width }: { readonly values: Float32Array; readonly width: number },
  text: TextEmbeddings,
  temperature: number,
): readonly Nearest[] {
  if (width !== text.width) {
    throw new MaskloomError(
      'STAGE_MISMATCH',
      `Vectors of width ${width} cannot be compared with texts of width ${text.width}.`,
      {
        where: 'lmseg/mask-pooled-labels',
        hint: 'Give masks and the image, so that features of its own are used.',
      },
    );
  }
  return Array.from({ length: values.length / width }, (_, n) => {
    const cosines = Float64Array.from({ length: text.count }, (_, t) => {
      let sum = 0;
      for (let c = 0; c < width; c++)
        sum += (values[n * width + c] as number) * (text.values[t * width + c] as number);
      return sum;
    });
    let index = 0;
    cosines.forEach((cosine, t) => {
      if (cosine > (cosines[index] as number)) index = t;
    });
    const high = cosines[index] as number;
    const total = cosines.reduce((sum, cosine) => sum + Math.exp((cosine - high) / temperature), 0);
    return { index, score: 1 / total };
  });
}
