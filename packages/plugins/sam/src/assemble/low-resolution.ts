import type { DecodedMasks } from '@maskloom/core';

/** N masks at the decoder's resolution, one bit per cell. */
export interface BitMasks {
  /** 32-bit words per mask. */
  readonly words: number;
  /** N * words. */
  readonly bits: Uint32Array;
  /** Cells set in each mask. */
  readonly areas: Uint32Array;
}

/** The part of low-resolution masks that the image covers, from the top left corner. */
export interface CoveredCells {
  /** Cells from left to right, at most the masks' width. */
  readonly columns: number;
  /** Cells from top to bottom, at most the masks' height. */
  readonly rows: number;
}

/** The columns and rows of low-resolution masks that the image covers; the rest is SAM's padding. */
export function coveredCells({ width, height, transform }: DecodedMasks): CoveredCells {
  const { resized, input } = transform;
  return {
    columns: Math.min(width, Math.ceil((width * resized.width) / input.width)),
    rows: Math.min(height, Math.ceil((height * resized.height) / input.height)),
  };
}

/** Low-resolution masks, logit > 0, as bits. */
export function bitMasks({ logits, count, width, height }: DecodedMasks): BitMasks {
  const size = width * height;
  const words = Math.ceil(size / 32);
  const bits = new Uint32Array(count * words);
  const areas = new Uint32Array(count);
  for (let n = 0; n < count; n++) {
    for (let cell = 0; cell < size; cell++) {
      if ((logits[n * size + cell] ?? 0) <= 0) continue;
      const word = n * words + (cell >> 5);
      bits[word] = (bits[word] ?? 0) | (1 << (cell & 31));
      areas[n] = (areas[n] ?? 0) + 1;
    }
  }
  return { words, bits, areas };
}

/** Intersection over union of two of the masks; 0 when both are empty. */
export function bitIou({ words, bits, areas }: BitMasks, a: number, b: number): number {
  let both = 0;
  for (let w = 0; w < words; w++) both += ones((bits[a * words + w] ?? 0) & (bits[b * words + w] ?? 0));
  const either = (areas[a] ?? 0) + (areas[b] ?? 0) - both;
  return either === 0 ? 0 : both / either;
}

/** Bits set in a 32-bit word (parallel sum). */
function ones(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
