// Resampling of 8-bit RGB rows to the bit as Pillow does it, in AssemblyScript: compiled by `npm run build:wasm` into
// src/image/resample/kernel-wasm.ts, which is checked in. What lies where in the memory is the caller's business.
//
// A weight of 22 fraction bits does not fit the 16 bits that the fast product of pairs takes, so it comes in two parts:
// high * 2^15 + low. Sums are taken modulo 2^32; the whole sum fits 31 bits, as Pillow's does, so nothing is lost.

/** Fraction bits of a weight. */
const PRECISION: i32 = 22;
const HALF: i32 = 1 << (PRECISION - 1);
const LOW_BITS: i32 = 15;
/** Bytes of the weights of two inputs: two high parts, two low parts. */
const PAIR: usize = 8;

/** Two RGB pixels to 16-bit pairs: r r, g g, b b. */
const PIXELS = i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);

function rounded(high: v128, low: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.shl(high, LOW_BITS), low), PRECISION);
}

/** The low three bytes are a pixel, the fourth is to be overwritten by the next. */
function pixel(high: v128, low: v128): u32 {
  const words = i16x8.narrow_i32x4_s(rounded(high, low), i32x4.splat(0));
  return <u32>i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0);
}

function pair(at: usize): v128 {
  return i8x16.swizzle(v128.load64_zero(at), PIXELS);
}

/**
 * Four rows at once.
 * @param source - first row; 8 bytes behind the last are read
 * @param stride - bytes from row to row
 * @param out - first row; one byte behind each row is written
 * @param outStride - bytes from row to row
 * @param count - pixels to make
 * @param index - for each: byte of its first input in a row, pairs of inputs
 * @param weights - for each: `pairs` pairs
 * @param pairs - most pairs of one pixel
 */
export function horizontal(
  source: usize,
  stride: usize,
  out: usize,
  outStride: usize,
  count: i32,
  index: usize,
  weights: usize,
  pairs: usize,
): void {
  const step = pairs * PAIR;
  for (let x = 0; x < count; x++) {
    let a = source + load<u32>(index);
    let b = a + stride;
    let c = b + stride;
    let d = c + stride;
    let w = weights;
    const end = w + load<u32>(index, 4) * PAIR;
    let aHigh = i32x4.splat(0);
    let bHigh = i32x4.splat(0);
    let cHigh = i32x4.splat(0);
    let dHigh = i32x4.splat(0);
    let aLow = i32x4.splat(HALF);
    let bLow = i32x4.splat(HALF);
    let cLow = i32x4.splat(HALF);
    let dLow = i32x4.splat(HALF);
    for (; w < end; w += PAIR) {
      const high = v128.load32_splat(w);
      const low = v128.load32_splat(w, 4);
      let two = pair(a);
      aHigh = i32x4.add(aHigh, i32x4.dot_i16x8_s(two, high));
      aLow = i32x4.add(aLow, i32x4.dot_i16x8_s(two, low));
      two = pair(b);
      bHigh = i32x4.add(bHigh, i32x4.dot_i16x8_s(two, high));
      bLow = i32x4.add(bLow, i32x4.dot_i16x8_s(two, low));
      two = pair(c);
      cHigh = i32x4.add(cHigh, i32x4.dot_i16x8_s(two, high));
      cLow = i32x4.add(cLow, i32x4.dot_i16x8_s(two, low));
      two = pair(d);
      dHigh = i32x4.add(dHigh, i32x4.dot_i16x8_s(two, high));
      dLow = i32x4.add(dLow, i32x4.dot_i16x8_s(two, low));
      a += 6;
      b += 6;
      c += 6;
      d += 6;
    }
    store<u32>(out, pixel(aHigh, aLow));
    store<u32>(out + outStride, pixel(bHigh, bLow));
    store<u32>(out + 2 * outStride, pixel(cHigh, cLow));
    store<u32>(out + 3 * outStride, pixel(dHigh, dLow));
    out += 3;
    index += 8;
    weights += step;
  }
}

/**
 * One row of many, which lie in a ring.
 * @param ring - its first row
 * @param end - the byte after its last row
 * @param stride - bytes from row to row, a multiple of 16
 * @param row - the first row that is mixed
 * @param out - as long as a row of the ring
 * @param weights - `pairs` pairs
 * @param pairs - pairs of rows that are mixed
 */
export function vertical(
  ring: usize,
  end: usize,
  stride: usize,
  row: usize,
  out: usize,
  weights: usize,
  pairs: usize,
): void {
  const size = end - ring;
  const last = weights + pairs * PAIR;
  for (let i: usize = 0; i < stride; i += 16) {
    let at = row;
    let high0 = i32x4.splat(0);
    let high1 = i32x4.splat(0);
    let high2 = i32x4.splat(0);
    let high3 = i32x4.splat(0);
    let low0 = i32x4.splat(HALF);
    let low1 = i32x4.splat(HALF);
    let low2 = i32x4.splat(HALF);
    let low3 = i32x4.splat(HALF);
    for (let w = weights; w < last; w += PAIR) {
      const high = v128.load32_splat(w);
      const low = v128.load32_splat(w, 4);
      const one = v128.load(at + i);
      at += stride;
      if (at >= end) at -= size;
      const two = v128.load(at + i);
      at += stride;
      if (at >= end) at -= size;
      const left = i8x16.shuffle(one, two, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      let four = i16x8.extend_low_i8x16_u(left);
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(four, high));
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(four, low));
      four = i16x8.extend_high_i8x16_u(left);
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(four, high));
      low1 = i32x4.add(low1, i32x4.dot_i16x8_s(four, low));
      const right = i8x16.shuffle(one, two, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      four = i16x8.extend_low_i8x16_u(right);
      high2 = i32x4.add(high2, i32x4.dot_i16x8_s(four, high));
      low2 = i32x4.add(low2, i32x4.dot_i16x8_s(four, low));
      four = i16x8.extend_high_i8x16_u(right);
      high3 = i32x4.add(high3, i32x4.dot_i16x8_s(four, high));
      low3 = i32x4.add(low3, i32x4.dot_i16x8_s(four, low));
    }
    const words = i16x8.narrow_i32x4_s(rounded(high0, low0), rounded(high1, low1));
    const more = i16x8.narrow_i32x4_s(rounded(high2, low2), rounded(high3, low3));
    v128.store(out + i, i8x16.narrow_i16x8_u(words, more));
  }
}

/**
 * Looks values up in tables and takes the channels apart.
 * @param source - RGB rows
 * @param stride - bytes from row to row
 * @param rows - how many
 * @param width - pixels of a row
 * @param tables - 256 numbers in single precision for each channel
 * @param out - receives three planes of `rows` times `width` numbers
 */
export function planes(
  source: usize,
  stride: usize,
  rows: usize,
  width: usize,
  tables: usize,
  out: usize,
): void {
  const plane = (rows * width) << 2;
  const green = tables + 1024;
  const blue = tables + 2048;
  for (let row: usize = 0; row < rows; row++, source += stride) {
    const end = source + width * 3;
    for (let at = source; at < end; at += 3, out += 4) {
      store<f32>(out, load<f32>(tables + ((<usize>load<u8>(at)) << 2)));
      store<f32>(out + plane, load<f32>(green + ((<usize>load<u8>(at, 1)) << 2)));
      store<f32>(out + 2 * plane, load<f32>(blue + ((<usize>load<u8>(at, 2)) << 2)));
    }
  }
}
