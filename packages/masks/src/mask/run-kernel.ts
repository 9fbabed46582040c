import { kernelMaker, type Kernel } from '../wasm/kernel.js';
import { KERNEL } from './kernel-wasm.js';

/** What `assembly/masks.ts` exports; its comments say what each number is. */
interface RunFunctions {
  read(text: number, length: number, pixels: number, out: number): number;
  mark(counts: number, length: number, first: number, bits: number, whole: number): void;
  runs(bits: number, whole: number, pixels: number, flip: number, out: number): number;
  differing(bytes: number, above: number, length: number, out: number): number;
}

/** See {@link withRunKernel}. */
export type RunKernel = Kernel<RunFunctions>;

const make = kernelMaker<RunFunctions>(KERNEL);
let kept: RunKernel | undefined;
/** One that very large masks made larger is not kept. */
const MOST_KEPT_BYTES = 4 << 20;

/** Lends the thread's kernel to work that neither pauses nor asks for it again. */
export function withRunKernel<T>(work: (kernel: RunKernel) => T): T {
  const kernel = (kept ??= make());
  try {
    return work(kernel);
  } finally {
    if (kernel.size() > MOST_KEPT_BYTES) kept = undefined;
  }
}
