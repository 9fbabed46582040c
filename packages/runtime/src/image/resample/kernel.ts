import { KERNEL } from './kernel-wasm.js';

const PAGE = 65536;

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
}

/** The compiled kernel with memory of its own. */
export interface Kernel extends Exports {
  /** The memory's bytes; another array after the memory grew. */
  bytes(): Uint8Array;
}

let module: WebAssembly.Module | undefined;
/** Kernels that nobody uses: making one and its memory takes longer than resizing a small picture. */
const idle: { readonly kernel: Kernel; readonly memory: WebAssembly.Memory }[] = [];
/** Those of large pictures are not kept. */
const MOST_KEPT = 4;
const MOST_KEPT_BYTES = 4 << 20;

/**
 * Lends a kernel to a computation, which may pause: others get other ones.
 * @param size - bytes of memory wanted
 */
export function* withKernel<T>(
  size: number,
  work: (kernel: Kernel) => Generator<void, T>,
): Generator<void, T> {
  const lent = idle.pop() ?? make();
  const missing = size - lent.memory.buffer.byteLength;
  if (missing > 0) lent.memory.grow(Math.ceil(missing / PAGE));
  try {
    return yield* work(lent.kernel);
  } finally {
    if (idle.length < MOST_KEPT && lent.memory.buffer.byteLength <= MOST_KEPT_BYTES) idle.push(lent);
  }
}

function make() {
  module ??= new WebAssembly.Module(Buffer.from(KERNEL, 'base64'));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as Exports;
  const { horizontal, vertical } = exports;
  return { memory, kernel: { horizontal, vertical, bytes: () => new Uint8Array(memory.buffer) } };
}
