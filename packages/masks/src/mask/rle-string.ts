import { MaskloomError } from '../errors/maskloom-error.js';
import { checkMaskSize, type MaskRuns } from './runs.js';

/** Made once: making one costs more than a short string. */
const ASCII = new TextDecoder();

/**
 * The compressed string of run lengths, byte for byte that of the COCO API (`rleToString`): from the fourth
 * count on each is a difference to the count two back; 5 bits per character, 0x20 marks continuation, + 48.
 */
export function runsToString(runs: MaskRuns): string {
  const { counts } = runs;
  // A difference of two 32-bit counts takes at most seven characters; four are plenty for nearly all.
  let bytes = new Uint8Array(4 * counts.length + 8);
  let length = 0;
  for (let i = 0; i < counts.length; i++) {
    if (length + 8 > bytes.length) {
      const longer = new Uint8Array(2 * bytes.length);
      longer.set(bytes);
      bytes = longer;
    }
    let value = counts[i] as number;
    if (i > 2) value -= counts[i - 2] as number;
    for (;;) {
      const bits = value & 0x1f;
      value >>= 5;
      const more = (bits & 0x10) !== 0 ? value !== -1 : value !== 0;
      bytes[length++] = (more ? bits | 0x20 : bits) + 48;
      if (!more) break;
    }
  }
  return ASCII.decode(bytes.subarray(0, length));
}

/**
 * Reads a compressed string back into run lengths. Total: any string gives runs that cover the mask exactly,
 * or a typed error; never more work than the string is long.
 * @param size - [height, width]
 * @throws MaskloomError `MASK_INVALID` on a bad size, a character outside the alphabet, a truncated or
 * overlong number, a negative count, or counts that do not sum to height x width
 */
export function runsFromString(text: string, size: readonly [number, number], where = 'mask'): MaskRuns {
  const [height, width] = size;
  const counts = new Uint32Array(text.length);
  const length = readCounts(text, size, where, counts, 0);
  return { width, height, counts: counts.slice(0, length) };
}

/**
 * As {@link runsFromString}, into memory that is there already.
 * @param into - receives the run lengths from index `from` on; at most as many as the text has characters
 * @returns how many there are
 * @throws MaskloomError `MASK_INVALID` as {@link runsFromString} does
 */
export function readCounts(
  text: string,
  [height, width]: readonly [number, number],
  where: string,
  into: Uint32Array,
  from: number,
): number {
  checkMaskSize(width, height, where);
  // Whole numbers of 32 bits throughout, which is what makes this quick.
  let left = width * height;
  let length = 0;
  let at = 0;
  let last = 0;
  let beforeLast = 0;
  while (at < text.length) {
    let bits = text.charCodeAt(at++) - 48;
    // One character is enough for most: five bits, the fifth is the sign.
    let value = (bits << 27) >> 27;
    const next = bits > 31 && at < text.length ? text.charCodeAt(at) - 48 : -1;
    if (next >= 0 && next < 32 && bits < 64) {
      value = (bits & 0x1f) | (((next << 27) >> 27) << 5);
      at++;
    } else if (bits < 0 || bits > 31) {
      value = 0;
      let shift = 0;
      for (at--; ; shift += 5) {
        if (at >= text.length) throw invalid(where, 'its last number is cut off');
        bits = text.charCodeAt(at++) - 48;
        if (bits < 0 || bits > 63) throw invalid(where, `character ${at} is not part of the RLE alphabet`);
        if (shift > 30) throw invalid(where, `the number ending at character ${at} does not fit 32 bits`);
        value |= (bits & 0x1f) << shift;
        if ((bits & 0x20) === 0) break;
      }
      // Of the seventh group one bit and the sign are left: the others must be as the sign is.
      if (shift === 30 && bits > 1 && bits < 30)
        throw outside(length, 'more than 2^31', where, width, height);
      if ((bits & 0x10) !== 0 && shift < 30) value |= -1 << (shift + 5);
    }
    // The first three counts stand as they are.
    if (length > 2) value += beforeLast;
    if (value < 0 || value > left) throw outside(length, value, where, width, height);
    left -= value;
    into[from + length++] = value;
    beforeLast = last;
    last = value;
  }
  if (left !== 0) throw invalid(where, `its runs cover ${width * height - left} of ${width * height} pixels`);
  return length;
}

function outside(
  run: number,
  pixels: number | string,
  where: string,
  width: number,
  height: number,
): MaskloomError {
  return invalid(where, `run ${run} of ${pixels} pixels leaves the ${width} x ${height} mask`);
}

function invalid(where: string, why: string): MaskloomError {
  return new MaskloomError('MASK_INVALID', `The run-length encoded mask is malformed: ${why}.`, {
    where,
    hint: 'Write masks as COCO compressed RLE with size [height, width].',
  });
}
