import { MaskloomError } from '../errors/maskloom-error.js';
import { checkMaskSize, type MaskRuns } from './runs.js';

/**
 * The compressed string of run lengths, byte for byte that of the COCO API (`rleToString`): from the fourth
 * count on each is a difference to the count two back; 5 bits per character, 0x20 marks continuation, + 48.
 */
export function runsToString(runs: MaskRuns): string {
  const { counts } = runs;
  const bytes: number[] = [];
  for (let i = 0; i < counts.length; i++) {
    let value = counts[i] ?? 0;
    if (i > 2) value -= counts[i - 2] ?? 0;
    let more = true;
    while (more) {
      let bits = value & 0x1f;
      value >>= 5;
      more = (bits & 0x10) !== 0 ? value !== -1 : value !== 0;
      if (more) bits |= 0x20;
      bytes.push(bits + 48);
    }
  }
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.slice(i, i + 4096));
  return text;
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
  checkMaskSize(width, height, where);
  const total = width * height;
  const counts: number[] = [];
  let at = 0;
  let sum = 0;
  while (at < text.length) {
    let value = 0;
    let shift = 0;
    let bits = 0x20;
    while ((bits & 0x20) !== 0) {
      if (at >= text.length) throw invalid(where, 'its last number is cut off');
      bits = text.charCodeAt(at++) - 48;
      if (bits < 0 || bits > 63) throw invalid(where, `character ${at} is not part of the RLE alphabet`);
      if (shift > 30) throw invalid(where, `the number ending at character ${at} does not fit 32 bits`);
      value += (bits & 0x1f) * 2 ** shift;
      shift += 5;
    }
    if ((bits & 0x10) !== 0) value -= 2 ** shift;
    if (counts.length > 2) value += counts[counts.length - 2] ?? 0;
    sum += value;
    if (value < 0 || sum > total) {
      throw invalid(where, `run ${counts.length} of ${value} pixels leaves the ${width} x ${height} mask`);
    }
    counts.push(value);
  }
  if (sum !== total) throw invalid(where, `its runs cover ${sum} of ${total} pixels`);
  return { width, height, counts: Uint32Array.from(counts) };
}

function invalid(where: string, why: string): MaskloomError {
  return new MaskloomError('MASK_INVALID', `The run-length encoded mask is malformed: ${why}.`, {
    where,
    hint: 'Write masks as COCO compressed RLE with size [height, width].',
  });
}
