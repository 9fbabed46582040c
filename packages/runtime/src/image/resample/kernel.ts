import { kernelMaker, type Kernel } from '@maskloom/core';
import { KERNEL } from './kernel-wasm.js';

/** What `assembly/resample.ts` exports; its comments say what each number is. */
interface Exports {
  horizontal(
    source: number,
    stride: number,
    out: number,
    outStride: number,
    count: number,
    index: number,
    weights: number,
    pairs: number,
  ): void;
  vertical(
    ring: number,
    end: number,
    stride: number,
    row: number,
    out: number,
    weights: number,
    pairs: number,
  ): void;
  planes(source: number, stride: number, rows: number, width: number, tables: number, out: number): void;
}

const make = kernelMaker<Exports>(KERNEL);
/** Kernels that nobody uses: making one and its memory takes longer than resizing a small picture. */
const idle: ResampleKernel[] = [];
/** Those of large pictures are not kept. */
const MOST_KEPT = 4;
const MOST_KEPT_BYTES = 4 << 20;

/** The compiled kernel. */
export type ResampleKernel = Kernel<Exports>;

/**
 * Lends a kernel to a computation, which may pause: others get other ones.
 * @param size - bytes of memory wanted
 */
export function* withKernel<T>(
  size: number,
  work: (kernel: ResampleKernel) => Generator<void, T>,
): Generator<void, T> {
  const lent = idle.pop() ?? make();
  lent.memory(size);
  try {
    return yield* work(lent);
  } finally {
    if (idle.length < MOST_KEPT && lent.size() <= MOST_KEPT_BYTES) idle.push(lent);
  }
}
