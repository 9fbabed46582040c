// Sums for eight draws at once, in AssemblyScript: compiled by `npm run build:wasm` into src/measure/kernel-wasm.ts, which is
// checked in. What lies where in the memory is the caller's business.

/** A power of two: bytes of the eight 16-bit weights of an image. */
const WEIGHTS_SHIFT: u32 = 4;
/** Values are written in digits of 15 bits, which 16 bits with a sign hold. */
const BASE: f64 = 32768;

/**
 * Adds up the values of groups, each as often as its image was drawn. Values are whole: a group has a list of lowest
 * digits, one of the next, and so on, without those that are 0.
 * @param groups - how many
 * @param digits - lists of a group
 * @param starts - u32: the pair at which each list begins, and where the last one ends
 * @param pairs - u16: two images, then a digit of each
 * @param weights - i16: how often each image counts, in eight draws; those of a draw sum to less than 2 ** 16
 * @param out - f64: receives the sums of each group, in eight draws
 */
export function sums(
  groups: usize,
  digits: usize,
  starts: usize,
  pairs: usize,
  weights: usize,
  out: usize,
): void {
  const all = pairs;
  for (; groups > 0; groups--) {
    let a = f64x2.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let place: f64 = 1;
    for (let digit: usize = 0; digit < digits; digit++) {
      starts += 4;
      const end = all + ((<usize>load<u32>(starts)) << 3);
      let low = i32x4.splat(0);
      let high = low;
      for (; pairs < end; pairs += 8) {
        const first = v128.load(weights + ((<usize>load<u16>(pairs)) << WEIGHTS_SHIFT));
        const second = v128.load(weights + ((<usize>load<u16>(pairs, 2)) << WEIGHTS_SHIFT));
        const both = v128.load32_splat(pairs, 4);
        const left = v128.shuffle<i16>(first, second, 0, 8, 1, 9, 2, 10, 3, 11);
        const right = v128.shuffle<i16>(first, second, 4, 12, 5, 13, 6, 14, 7, 15);
        low = i32x4.add(low, i32x4.dot_i16x8_s(left, both));
        high = i32x4.add(high, i32x4.dot_i16x8_s(right, both));
      }
      const worth = f64x2.splat(place);
      a = f64x2.add(a, f64x2.mul(worth, f64x2.convert_low_i32x4_s(low)));
      b = f64x2.add(b, f64x2.mul(worth, f64x2.convert_low_i32x4_s(upper(low))));
      c = f64x2.add(c, f64x2.mul(worth, f64x2.convert_low_i32x4_s(high)));
      d = f64x2.add(d, f64x2.mul(worth, f64x2.convert_low_i32x4_s(upper(high))));
      place *= BASE;
    }
    v128.store(out, a);
    v128.store(out, b, 16);
    v128.store(out, c, 32);
    v128.store(out, d, 48);
    out += 64;
  }
}

function upper(four: v128): v128 {
  return v128.shuffle<i32>(four, four, 2, 3, 2, 3);
}
