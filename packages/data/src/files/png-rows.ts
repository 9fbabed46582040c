import { dataInvalid } from './validate.js';

/**
 * Undoes the filters of PNG rows in place (PNG specification, section 9).
 * @param rows - `height` rows of one filter byte and `stride` bytes
 * @param step - bytes to the same sample of the pixel to the left, at least 1
 * @returns the rows without their filter bytes
 * @throws MaskloomError `DATA_INVALID` on an unknown filter
 */
export function unfilter(
  rows: Uint8Array,
  height: number,
  stride: number,
  step: number,
  where: string,
): Uint8Array {
  const out = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const from = y * (stride + 1);
    const to = y * stride;
    const filter = rows[from] as number;
    if (filter === 0) {
      out.set(rows.subarray(from + 1, from + 1 + stride), to);
      continue;
    }
    if (filter > 4) throw dataInvalid(where, 'picture', `row ${y} has the unknown filter ${filter}`);
    unfilterRow(filter, rows.subarray(from + 1, from + 1 + stride), out, to, stride, step);
  }
  return out;
}

/**
 * One row. A loop per filter, and the first pixel, which has nothing to its left, by itself: label maps of a whole data set go
 * through here, byte by byte.
 */
function unfilterRow(
  filter: number,
  row: Uint8Array,
  out: Uint8Array,
  to: number,
  stride: number,
  step: number,
): void {
  const above = to - stride;
  if (filter === 2 && above < 0) out.set(row, to);
  else if (filter === 2)
    for (let x = 0; x < stride; x++) out[to + x] = (row[x] as number) + (out[above + x] as number);
  else {
    const first = Math.min(step, stride);
    for (let x = 0; x < first; x++) {
      const up = above < 0 || filter === 1 ? 0 : (out[above + x] as number);
      out[to + x] = (row[x] as number) + (filter === 3 ? up >> 1 : up);
    }
    if (filter === 1 || (filter === 4 && above < 0)) {
      // Above the first row all is 0, and what is nearest to the left byte is the left byte.
      for (let x = step; x < stride; x++) out[to + x] = (row[x] as number) + (out[to + x - step] as number);
    } else if (filter === 3) {
      for (let x = step; x < stride; x++) {
        const up = above < 0 ? 0 : (out[above + x] as number);
        out[to + x] = (row[x] as number) + (((out[to + x - step] as number) + up) >> 1);
      }
    } else paeth(row, out, to, stride, step);
  }
}

function paeth(row: Uint8Array, out: Uint8Array, to: number, stride: number, step: number): void {
  const above = to - stride;
  for (let x = step; x < stride; x++) {
    const left = out[to + x - step] as number;
    const up = out[above + x] as number;
    const corner = out[above + x - step] as number;
    let nearest = left;
    // Within a segment neighbours are equal, and then the rule is known without its distances.
    if (left === corner) nearest = up;
    else if (up !== corner) {
      const toLeft = Math.abs(up - corner);
      const toUp = Math.abs(left - corner);
      const toCorner = Math.abs(left + up - 2 * corner);
      if (toLeft > toUp || toLeft > toCorner) nearest = toUp <= toCorner ? up : corner;
    }
    out[to + x] = (row[x] as number) + nearest;
  }
}

/**
 * Takes samples out of their bytes.
 * @param count - samples per row
 * @param depth - bits per sample: 1, 2, 4, 8 or 16 (big-endian)
 */
export function unpack(
  lines: Uint8Array,
  count: number,
  height: number,
  stride: number,
  depth: number,
): Uint8Array | Uint16Array {
  if (depth === 8) return lines;
  const out = depth === 16 ? new Uint16Array(count * height) : new Uint8Array(count * height);
  if (depth === 16) {
    for (let i = 0; i < out.length; i++)
      out[i] = ((lines[2 * i] as number) << 8) | (lines[2 * i + 1] as number);
    return out;
  }
  const mask = (1 << depth) - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < count; x++) {
      const bit = x * depth;
      const byte = lines[y * stride + (bit >> 3)] as number;
      out[y * count + x] = (byte >> (8 - depth - (bit & 7))) & mask;
    }
  }
  return out;
}
