// Run lengths in bulk, in AssemblyScript: compiled by `npm run build:wasm` into src/mask/kernel-wasm.ts, which is checked in.
// What lies where in the memory is the caller's business; positions and counts are 32-bit numbers.

/** Characters are code - 48: five bits of a number, and whether it goes on. */
const FIRST: u32 = 48;
const MORE: u32 = 32;
/** Seventh groups are rare enough to be left to the caller. */
const MOST_BITS: u32 = 30;

/**
 * Reads compressed run lengths.
 * @param text - characters
 * @param length - how many
 * @param pixels - what the run lengths must sum to
 * @param out - receives them; at most one a character
 * @returns how many there are; -1 for what is malformed, or has a number of more than six characters
 */
export function read(text: usize, length: usize, pixels: u32, out: usize): i32 {
  const end = text + length;
  let left = pixels;
  let last: u32 = 0;
  let beforeLast: u32 = 0;
  let count = 0;
  while (text < end) {
    let bits = <u32>load<u8>(text++) - FIRST;
    let value = <u32>((<i32>(bits << 27)) >> 27);
    if (bits >= MORE) {
      value = 0;
      for (let shift: u32 = 0; ; bits = <u32>load<u8>(text++) - FIRST) {
        if (bits >= 2 * MORE || shift === MOST_BITS) return -1;
        value |= (bits & 31) << shift;
        shift += 5;
        if (bits < MORE) {
          if ((bits & 16) !== 0) value |= (<u32>-1) << shift;
          break;
        }
        if (text >= end) return -1;
      }
    }
    // The first three counts stand as they are. What is negative is larger than any mask.
    if (count > 2) value += beforeLast;
    if (value > left) return -1;
    left -= value;
    store<u32>(out, value);
    out += 4;
    count++;
    beforeLast = last;
    last = value;
  }
  return left === 0 ? count : -1;
}

/**
 * Marks every other run of a mask, the bits of a word from the lowest on.
 * @param counts - run lengths
 * @param length - how many
 * @param first - 0 to mark runs of pixels that are not set, 1 for those that are
 * @param bits - a word for 32 pixels: those of runs' first and last words are set here
 * @param whole - words as many and one more: what words lie wholly inside runs, as differences to the word before
 */
export function mark(counts: usize, length: usize, first: usize, bits: usize, whole: usize): void {
  const end = counts + (length << 2);
  let position: u32 = 0;
  if (first !== 0) position = load<u32>(counts);
  for (let at = counts + (first << 2); at < end; at += 8) {
    const start = position;
    position += load<u32>(at);
    const a = (<usize>(start >> 5)) << 2;
    const b = (<usize>(position >> 5)) << 2;
    const head = (<u32>-1) << (start & 31);
    const tail = ~((<u32>-1) << (position & 31));
    if (a === b) store<u32>(bits + a, load<u32>(bits + a) | (head & tail));
    else {
      store<u32>(bits + a, load<u32>(bits + a) | head);
      store<u32>(bits + b, load<u32>(bits + b) | tail);
      store<i32>(whole + a, load<i32>(whole + a, 4) + 1, 4);
      store<i32>(whole + b, load<i32>(whole + b) - 1);
    }
    if (at + 4 < end) position += load<u32>(at, 4);
  }
}

/**
 * Run lengths of what was marked.
 * @param flip - -1 for those of what was not, else 0
 * @param out - receives them
 * @returns how many there are
 */
export function runs(bits: usize, whole: usize, pixels: u32, flip: u32, out: usize): usize {
  let inside = 0;
  let before: u32 = 0;
  let position: u32 = 0;
  let at = out;
  for (let base: u32 = 0; base <= pixels; base += 32, bits += 4, whole += 4) {
    inside += load<i32>(whole);
    const word = (inside > 0 ? <u32>-1 : load<u32>(bits)) ^ flip;
    for (let changes = word ^ ((word << 1) | before); changes !== 0; changes &= changes - 1) {
      const next = base + ctz(changes);
      if (next >= pixels) break;
      store<u32>(at, next - position);
      at += 4;
      position = next;
    }
    before = word >> 31;
  }
  store<u32>(at, pixels - position);
  return ((at - out) >> 2) + 1;
}

/**
 * Which bytes differ from those above them.
 * @param bytes - to compare, the length rounded up to 64 of them readable
 * @param above - what they are compared with, likewise
 * @param out - receives the places of those that differ, rising; at most `length`
 * @returns how many there are
 */
export function differing(bytes: usize, above: usize, length: usize, out: usize): usize {
  let to = out;
  for (let from: usize = 0; from < length; from += 64) {
    const a = bytes + from;
    const b = above + from;
    const c = v128.xor(v128.load(a), v128.load(b));
    const d = v128.xor(v128.load(a, 16), v128.load(b, 16));
    const e = v128.xor(v128.load(a, 32), v128.load(b, 32));
    const f = v128.xor(v128.load(a, 48), v128.load(b, 48));
    if (!v128.any_true(v128.or(v128.or(c, d), v128.or(e, f)))) continue;
    let changes =
      (<u64>places(c)) | ((<u64>places(d)) << 16) | ((<u64>places(e)) << 32) | ((<u64>places(f)) << 48);
    for (; changes !== 0; changes &= changes - 1) {
      const place = from + <usize>ctz(changes);
      if (place >= length) break;
      store<u32>(to, <u32>place);
      to += 4;
    }
  }
  return (to - out) >> 2;
}

function places(differences: v128): u32 {
  return <u32>i8x16.bitmask(i8x16.ne(differences, i8x16.splat(0)));
}
