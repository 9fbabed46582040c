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
 * ascending. Rows are compared four pixels at a time, so the cost is that of reading the picture once in memory order.
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
  const { bytes, words, stride } = wordRows(pixels, width, height);
  const up = stride >> 2;
  const look = (from: number, to: number): void => {
    for (let at = from; at < to; at++) {
      if (words[at] === words[at - up]) continue;
      const y = (at / up) | 0;
      const p = at << 2;
      const x = p - y * stride;
      const q = p - stride;
      if (kind[bytes[p] as number] !== kind[bytes[q] as number]) changes.add(x, y);
      if (kind[bytes[p + 1] as number] !== kind[bytes[q + 1] as number]) changes.add(x + 1, y);
      if (kind[bytes[p + 2] as number] !== kind[bytes[q + 2] as number]) changes.add(x + 2, y);
      if (kind[bytes[p + 3] as number] !== kind[bytes[q + 3] as number]) changes.add(x + 3, y);
    }
  };
  let at = up;
  // Eight words at once, told apart only where one of them differs from the one above it.
  for (; at + 8 <= words.length; at += 8) {
    const differs =
      ((words[at] as number) ^ (words[at - up] as number)) |
      ((words[at + 1] as number) ^ (words[at + 1 - up] as number)) |
      ((words[at + 2] as number) ^ (words[at + 2 - up] as number)) |
      ((words[at + 3] as number) ^ (words[at + 3 - up] as number)) |
      ((words[at + 4] as number) ^ (words[at + 4 - up] as number)) |
      ((words[at + 5] as number) ^ (words[at + 5 - up] as number)) |
      ((words[at + 6] as number) ^ (words[at + 6 - up] as number)) |
      ((words[at + 7] as number) ^ (words[at + 7 - up] as number));
    if (differs !== 0) look(at, at + 8);
  }
  look(at, words.length);
  return changes.positions(height);
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

/** The pixels with rows that begin on 4-byte borders: a view where they do already, else a copy padded with zeros. */
export function wordRows(
  pixels: Uint8Array,
  width: number,
  height: number,
): { readonly bytes: Uint8Array; readonly words: Int32Array; readonly stride: number } {
  if (width % 4 === 0 && pixels.byteOffset % 4 === 0) {
    const words = new Int32Array(pixels.buffer, pixels.byteOffset, pixels.length >> 2);
    return { bytes: pixels, words, stride: width };
  }
  const stride = (width + 3) & ~3;
  const bytes = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) bytes.set(pixels.subarray(y * width, (y + 1) * width), y * stride);
  return { bytes, words: new Int32Array(bytes.buffer), stride };
}
