import { giveBack, HEAD, lend, type UpsampleKernel } from './upsample-kernel.js';

/** Columns and rows. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** The sizes on SAM's way from a mask's logits to the image. */
export interface UpsampleSizes {
  /** Of the logits, which the first resize brings to `input`. */
  readonly logits: Size;
  /** Of the model's input. */
  readonly input: Size;
  /** Of its top left part that shows the image, which the second resize brings to `original`. */
  readonly resized: Size;
  /** Of the image. */
  readonly original: Size;
}

/** A mask at image size. */
export interface RunsAbove {
  /** Column-major run lengths, zeros first. */
  readonly counts: Uint32Array;
  /** Pixels set. */
  readonly area: number;
  /** [x, y, width, height], tight; zeros for an empty mask. */
  readonly box: readonly [number, number, number, number];
}

/**
 * Brings masks' logits to the image and cuts them at a threshold, giving run lengths. Only pixels along a mask's edge are
 * computed, and to the bit what plain resizing computes; the sides of the logits settle the others: mixing cannot leave the
 * range of what is mixed, rounding included, so where all logits that a pixel depends on lie on one side, the pixel does. The
 * work is a WebAssembly kernel's (`assembly/upsample.ts`), at more than twice TypeScript's speed.
 */
export class MaskUpsampler {
  readonly #lent: UpsampleKernel;

  /** @param sizes - the same for all masks */
  constructor(sizes: UpsampleSizes) {
    this.#lent = lend(sizes);
  }

  /**
   * @param logits - of one mask, row-major [height, width]
   * @param threshold - pixels whose logit is above it are set
   * @returns the mask, with its area and box
   */
  runsAbove(logits: Float32Array, threshold: number): RunsAbove {
    const { kernel, words, floats } = this.#lent;
    const [blocks, out] = [words[HEAD.blocks]!, words[HEAD.out]! / 4];
    floats.set(logits, words[HEAD.logits]! / 4);
    kernel.call.take(0, threshold);
    const parts: Uint32Array[] = [];
    for (let block = 0; block < blocks;) {
      block = kernel.call.runs(0, block, threshold);
      parts.push(words.slice(out, out + words[HEAD.count]!));
      words[HEAD.count] = 0;
    }
    const area = words[HEAD.area]!;
    const [left, right, top, bottom] = words.subarray(HEAD.left, HEAD.bottom + 1) as unknown as number[];
    const box = [left!, top!, right! - left!, bottom! - top!] as const;
    return { counts: joined(parts), area, box: area === 0 ? [0, 0, 0, 0] : box };
  }

  /** Lets others have its memory; it is not to be used any more. */
  release(): void {
    giveBack(this.#lent);
  }
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
