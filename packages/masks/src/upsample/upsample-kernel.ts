import { kernelMaker, type Kernel } from '../wasm/kernel.js';
import { axisBlocks, type AxisBlocks } from './axis-blocks.js';
import type { AxisWeights } from './bilinear.js';
import { KERNEL } from './kernel-wasm.js';
import type { UpsampleSizes } from './mask-upsampler.js';

/** What `assembly/upsample.ts` exports; its comments say what each number is. */
interface Functions {
  take(head: number, threshold: number): void;
  runs(head: number, block: number, threshold: number): number;
}

/** Places in the kernel's head, which begins its memory, in words of 32 bits; `assembly/upsample.ts` has them in bytes. */
export const HEAD = {
  blocks: 4,
  logits: 8,
  out: 33,
  count: 35,
  area: 38,
  left: 39,
  right: 40,
  top: 41,
  bottom: 42,
  stretches: 43,
  length: 45,
} as const;

/** Run lengths that are taken away at a time, at least. */
const ROOM = 4096;

/** A kernel with the tables of certain sizes in its memory. */
export interface UpsampleKernel {
  /** The code. */
  readonly kernel: Kernel<Functions>;
  /** Which sizes. */
  readonly key: string;
  /** Its memory in whole numbers. */
  readonly words: Uint32Array;
  /** The same in single precision. */
  readonly floats: Float32Array;
}

const make = kernelMaker<Functions>(KERNEL);
/** Kernels that nobody uses: making one takes longer than a small mask, and pictures are often alike in size. */
const idle: UpsampleKernel[] = [];
/** Those of large pictures are not kept. */
const MOST_KEPT = 4;
const MOST_KEPT_BYTES = 4 << 20;

/** Lends a kernel for certain sizes; it comes back by {@link giveBack}, or goes with its borrower. */
export function lend(sizes: UpsampleSizes): UpsampleKernel {
  const { logits, input, resized, original } = sizes;
  const key = [logits, input, resized, original].map(({ width, height }) => `${width} ${height}`).join();
  const same = idle.findIndex((one) => one.key === key);
  const [found] = same >= 0 ? idle.splice(same, 1) : [idle.pop()];
  return found?.key === key ? found : lay(found?.kernel ?? make(), key, sizes);
}

/** Takes a kernel back. */
export function giveBack(lent: UpsampleKernel): void {
  if (idle.length < MOST_KEPT && lent.kernel.size() <= MOST_KEPT_BYTES) idle.push(lent);
}

/** Writes the head and the tables. */
function lay(kernel: Kernel<Functions>, key: string, sizes: UpsampleSizes): UpsampleKernel {
  const { logits, input, resized, original } = sizes;
  const across = axisBlocks(logits.width, input.width, resized.width, original.width);
  const down = axisBlocks(logits.height, input.height, resized.height, original.height);
  // A bit for each row that is above, and one for each that is below.
  const rowSet = Math.ceil(down.logits / 32);
  const room = Math.max(ROOM, mostColumns(across) * (original.height + 1));
  let end = HEAD.length;
  const tables: [at: number, values: Int32Array | Float32Array][] = [];
  const take = (words: number): number => (end += words) - words;
  const table = (values: Int32Array | Float32Array): number => {
    const at = take(values.length);
    tables.push([at, values]);
    return at;
  };
  const weights = ({ first, second, weight }: AxisWeights): number[] => [first, second, weight].map(table);
  const sizesOfHead = [logits.width, across.logits, down.logits, 4 * rowSet, across.starts.length];
  const image = [original.width, original.height, resized.height];
  const places = [
    take(logits.width * logits.height),
    take(across.logits * 2 * rowSet),
    take(2 * rowSet),
    ...[across.starts, across.first, across.last, down.begin, down.end].map(table),
    ...[across.toPlane, across.toImage, down.toPlane, down.toImage].flatMap(weights),
  ];
  const columns = [take(resized.height), take(resized.height), take(resized.height)];
  // One more than the kernel fills: the last run of all.
  const out = take(room + 1);
  const stretches = take(2 * (2 * down.logits + 1));
  const memory = kernel.memory(4 * end);
  const words = new Uint32Array(memory);
  const floats = new Float32Array(memory);
  const inBytes = (place: number): number => 4 * place;
  words.set([...sizesOfHead, ...image, ...places.map(inBytes), 0, 0, ...columns.map(inBytes), 4 * out, room]);
  words[HEAD.stretches] = 4 * stretches;
  for (const [at, values] of tables) (values instanceof Float32Array ? floats : words).set(values, at);
  return { kernel, key, words, floats };
}

/** Columns of the widest block. */
function mostColumns({ starts, length }: AxisBlocks): number {
  return starts.reduce((most, start, i) => Math.max(most, (starts[i + 1] ?? length) - start), 0);
}
