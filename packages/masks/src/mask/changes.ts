import { withRunKernel } from './run-kernel.js';

/** Positions gathered while the pixels are read row by row, put into column-major order at the end. */
class ChangeList {
  readonly perColumn: Int32Array;
  /** Column and row in turns. */
  readonly places: number[] = [];

  constructor(width: number) {
    this.perColumn = new Int32Array(width + 1);
  }

  /** Notes a change at row y of column x; rows must not fall. */
  add(x: number, y: number): void {
    this.places.push(x, y);
    this.perColumn[x + 1]!++;
  }

  /** Column-major positions in ascending order: a counting sort by column, which keeps the order of rows. */
  positions(height: number): Uint32Array {
    const { places, perColumn: next } = this;
    for (let x = 1; x < next.length; x++) next[x]! += next[x - 1]!;
    const sorted = new Uint32Array(places.length >> 1);
    for (let i = 0; i < places.length; i += 2) {
      const x = places[i]!;
      sorted[next[x]!++] = x * height + places[i + 1]!;
    }
    return sorted;
  }
}

/**
 * Column-major positions at which `kind` of the pixel differs from that of the pixel before it in column-major order,
 * ascending. Rows are compared by a kernel, so the cost is that of reading the picture once in memory order.
 * @param pixels - row-major [height, width]
 * @param kind - 256 entries: what a pixel value stands for
 * @param before - the kind in front of the first pixel
 */
export function changesOfBytes(
  pixels: Uint8Array,
  width: number,
  height: number,
  kind: Uint8Array,
  before: number,
): Uint32Array {
  const changes = new ChangeList(width);
  let last = before;
  for (let x = 0, bottom = (height - 1) * width; x < width; x++, bottom++) {
    if (kind[pixels[x] as number] !== last) changes.add(x, 0);
    last = kind[pixels[bottom] as number] as number;
  }
  eachDifference(pixels, width, (at) => {
    if (kind[pixels[at] as number] === kind[pixels[at - width] as number]) return;
    const y = (at / width) | 0;
    changes.add(at - y * width, y);
  });
  return changes.positions(height);
}

/** Pixels that are compared in one go. */
const PIECE = 1 << 15;

/** Visits the places, rising, of pixels from the second row on that differ from the one above. */
function eachDifference(pixels: Uint8Array, width: number, visit: (at: number) => void): void {
  withRunKernel((kernel) => {
    const memory = kernel.memory(6 * PIECE);
    const bytes = new Uint8Array(memory);
    const places = new Uint32Array(memory, 2 * PIECE, PIECE);
    for (let from = width; from < pixels.length; from += PIECE) {
      const to = Math.min(from + PIECE, pixels.length);
      bytes.set(pixels.subarray(from, to), 0);
      bytes.set(pixels.subarray(from - width, to - width), PIECE);
      const found = kernel.call.differing(0, PIECE, to - from, 2 * PIECE);
      for (let i = 0; i < found; i++) visit(from + places[i]!);
    }
  });
}

/** As {@link changesOfBytes} for labels of any size: where being `value` begins or ends. */
export function changesOfLabels(
  labels: Int32Array | Uint16Array,
  width: number,
  height: number,
  value: number,
): Uint32Array {
  const changes = new ChangeList(width);
  let last = false;
  for (let x = 0, bottom = (height - 1) * width; x < width; x++, bottom++) {
    if ((labels[x] === value) !== last) changes.add(x, 0);
    last = labels[bottom] === value;
  }
  for (let y = 1, at = width; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const above = labels[at - width];
      if (labels[at] !== above && (labels[at] === value || above === value)) changes.add(x, y);
    }
  }
  return changes.positions(height);
}

/** Column-major positions at which a label differs from the one before it in column-major order, ascending. */
export function changesOfAny(labels: Int32Array | Uint16Array, width: number, height: number): Uint32Array {
  const changes = new ChangeList(width);
  for (let x = 1, bottom = (height - 1) * width; x < width; x++, bottom++)
    if (labels[x] !== labels[bottom]) changes.add(x, 0);
  for (let y = 1, at = width; y < height; y++)
    for (let x = 0; x < width; x++, at++) if (labels[at] !== labels[at - width]) changes.add(x, y);
  return changes.positions(height);
}
