import type { RleMask } from './rle-mask.js';
import { readCounts } from './rle-string.js';
import { withRunKernel, type RunKernel } from './run-kernel.js';
import { checkMaskSize, type MaskRuns } from './runs.js';

const ENCODER = new TextEncoder();
/** Shorter strings are read before the kernel is called. */
const SHORT = 48;

/**
 * The run lengths of many compressed masks, in one piece of memory.
 * @param where - what errors call them, followed by the place
 * @throws MaskloomError `MASK_INVALID` as `runsFromString` does
 */
export function runsFromMasks(masks: readonly RleMask[], where = 'mask'): MaskRuns[] {
  const { all, longest } = charactersOf(masks);
  const found = new Uint32Array(all);
  return withRunKernel((kernel) => {
    const memory = kernel.memory(5 * longest + 3);
    const counts = new Uint32Array(memory, 0, longest);
    const text = new Uint8Array(memory, 4 * longest);
    let from = 0;
    return masks.map((mask, i) => {
      const start = from;
      const length = readMask(kernel, mask, `${where} ${i}`, text, counts);
      found.set(counts.subarray(0, length), start);
      from += length;
      const [height, width] = mask.size;
      return { width, height, counts: found.subarray(start, from) };
    });
  });
}

/** Characters of compressed masks: of all together, of the longest. */
export function charactersOf(masks: readonly RleMask[]): { readonly all: number; readonly longest: number } {
  let all = 0;
  let longest = 0;
  for (const { counts } of masks) {
    all += counts.length;
    if (counts.length > longest) longest = counts.length;
  }
  return { all, longest };
}

/**
 * Reads a compressed mask.
 * @param text - room for its characters in the kernel's memory
 * @param counts - room in the kernel's memory that receives the run lengths, at most one a character
 * @returns how many there are
 * @throws MaskloomError `MASK_INVALID` as `runsFromString` does
 */
export function readMask(
  kernel: RunKernel,
  { counts: characters, size }: RleMask,
  where: string,
  text: Uint8Array,
  counts: Uint32Array,
): number {
  const { length } = characters;
  // What is not ASCII takes more room: it is not read to its end, or the kernel meets a byte that is no character.
  if (length >= SHORT && ENCODER.encodeInto(characters, text).read === length) {
    const [height, width] = size;
    checkMaskSize(width, height, where);
    const found = kernel.call.read(text.byteOffset, length, width * height, counts.byteOffset);
    if (found >= 0) return found;
  }
  // The kernel does not say what is wrong.
  return readCounts(characters, size, where, counts, 0);
}
