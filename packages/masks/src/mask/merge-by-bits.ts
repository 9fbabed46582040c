import { withRunKernel, type RunKernel } from './run-kernel.js';
import type { MaskRuns } from './runs.js';

/** Where the run lengths of a mask are put before they are marked. */
interface Room {
  readonly kernel: RunKernel;
  /** Receives the run lengths. */
  readonly counts: Uint32Array;
  /** For the characters of a compressed mask. */
  readonly text: Uint8Array;
}

/**
 * Merges masks of one size: marks all their runs in a bit map, those of pixels that are not set for an intersection, and reads
 * it.
 * @param size - of the masks, pixels
 * @param most - run lengths of all masks together, and characters of one, that there must be room for
 * @param put - puts the run lengths of a mask, which cover it, into the room, and returns how many there are
 */
export function mergeByBits<Mask>(
  { width, height }: { readonly width: number; readonly height: number },
  how: 'union' | 'intersection',
  most: { readonly runs: number; readonly characters: number },
  masks: readonly Mask[],
  put: (mask: Mask, room: Room, index: number) => number,
): MaskRuns {
  const [first, flip] = how === 'union' ? [1, 0] : [0, -1];
  return withRunKernel((kernel) => {
    const words = ((width * height) >>> 5) + 1;
    const whole = 4 * words;
    const at = whole + 4 * (words + 1);
    const end = at + 4 * (most.runs + 1);
    const memory = kernel.memory(end + most.characters);
    new Uint32Array(memory, 0, at >> 2).fill(0);
    const counts = new Uint32Array(memory, at, most.runs + 1);
    const room = { kernel, counts, text: new Uint8Array(memory, end) };
    masks.forEach((mask, i) => kernel.call.mark(at, put(mask, room, i), first, 0, whole));
    const length = kernel.call.runs(0, whole, width * height, flip, at);
    return { width, height, counts: counts.slice(0, length) };
  });
}
