/** Positions gathered while the pixels are read row by row, put into column-major order at the end. */
class ChangeList {
  readonly #perColumn: Int32Array;
  #at = new Int32Array(512);
  #length = 0;

  constructor(width: number) {
    this.#perColumn = new Int32Array(width + 1);
  }

  /** Notes a change at row y of column x; rows must not fall. */
  add(x: number, y: number): void {
    if (this.#length + 2 > this.#at.length) {
      const longer = new Int32Array(2 * this.#at.length);
      longer.set(this.#at);
      this.#at = longer;
    }
    this.#at[this.#length++] = x;
    this.#at[this.#length++] = y;
    this.#perColumn[x + 1] = (this.#perColumn[x + 1] as number) + 1;
  }

  /** Column-major positions in ascending order: a counting sort by column, which keeps the order of rows. */
  positions(height: number): Uint32Array {
    const next = this.#perColumn;
    for (let x = 1; x < next.length; x++) next[x] = (next[x] as number) + (next[x - 1] as number);
    const sorted = new Uint32Array(this.#length >> 1);
    for (let i = 0; i < this.#length; i += 2) {
      const x = this.#at[i] as number;
      const slot = next[x] as number;
      next[x] = slot + 1;
      sorted[slot] = x * height + (this.#at[i + 1] as number);
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
  const perRow = stride >> 2;
  let at = perRow;
  for (let y = 1; y < height; y++) {
    for (let w = 0; w < perRow; w++, at++) {
      if (words[at] === words[at - perRow]) continue;
      const first = at << 2;
      for (let p = first; p < first + 4; p++) {
        if (kind[bytes[p] as number] !== kind[bytes[p - stride] as number])
          changes.add((w << 2) + p - first, y);
      }
    }
  }
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
