// Masks' logits to run lengths at image size, in AssemblyScript: compiled by `npm run build:wasm` into
// src/upsample/kernel-wasm.ts, which is checked in. What lies where in the memory is the caller's business: a head of 32-bit
// numbers and positions says it; src/upsample/upsample-kernel.ts writes it.

/** Every logit is not above the threshold. */
const BELOW: u32 = 1;
/** Every logit is above the threshold. */
const ABOVE: u32 = 2;
/** There are both, or an infinite one, whose product with 0 is no number. */
const MIXED: u32 = 3;
const INFINITE: f32 = Infinity;
const NONE: u32 = 0xffffffff;

// The head's places, in bytes.
const WIDTH: usize = 0; // logits in a row
const COLUMNS: usize = 4; // logits that count, across
const ROWS: usize = 8; // and down
const SET_BYTES: usize = 12; // of a set of rows: a bit each, in words of 32
const BLOCKS: usize = 16; // blocks of image columns
const IMAGE_WIDTH: usize = 20;
const IMAGE_HEIGHT: usize = 24;
const PLANE_ROWS: usize = 28; // of the plane between logits and image
const LOGITS: usize = 32;
const SIDES: usize = 36; // by column of logits: the rows that are above, then those that are below; both where infinite
const ROW: usize = 40; // the same of all columns that a block depends on
const STARTS: usize = 44; // of blocks: first image column
const FIRST: usize = 48; // first logit that they depend on
const LAST: usize = 52; // last one
const BEGIN: usize = 56; // by logit row: image rows from here on depend on none before it
const END: usize = 60; // image rows before this one depend on none after it
const ACROSS_PLANE: usize = 64; // first, second, weight: logits to plane
const ACROSS_IMAGE: usize = 76; // plane to image
const DOWN_PLANE: usize = 88;
const DOWN_IMAGE: usize = 100;
const HELD: usize = 112; // the two columns of the plane that are held
const VALUES: usize = 120; // their values, NaN where not made
const MIX: usize = 128; // an image column, by row of the plane
const OUT: usize = 132; // run lengths
const ROOM: usize = 136; // how many fit
const COUNT: usize = 140; // how many there are
const SET: usize = 144; // whether the last pixel is set
const POSITION: usize = 148; // where its run began
const AREA: usize = 152; // pixels set
const LEFT: usize = 156; // the box, right and bottom not in it
const RIGHT: usize = 160;
const TOP: usize = 164;
const BOTTOM: usize = 168;
const STRETCHES: usize = 172; // kind and end of each
const FINITE: usize = 176; // whether all logits are

/**
 * Takes a mask: the side of each of its logits, and no runs yet.
 * @param threshold - pixels whose logit is above it are set
 */
export function take(head: usize, threshold: f64): void {
  const width = load<u32>(head, WIDTH);
  const columns = load<u32>(head, COLUMNS);
  const rows = load<u32>(head, ROWS);
  const bytes = load<u32>(head, SET_BYTES);
  const limit = notAbove(threshold);
  const most = f32x4.splat(limit);
  const infinity = f32x4.splat(INFINITE);
  let finite = i32x4.splat(-1);
  let finiteLeft: bool = true;
  for (let row: u32 = 0; row < rows; row += 32) {
    const count = min(rows - row, 32);
    const valid: u32 = count === 32 ? 0xffffffff : (1 << count) - 1;
    const from = load<u32>(head, LOGITS) + ((row * width) << 2);
    const step = width << 2;
    let to = load<u32>(head, SIDES) + (row >>> 3);
    let x: u32 = 0;
    // Four columns at a time, a lane each.
    for (; x + 4 <= columns; x += 4) {
      let above = i32x4.splat(0);
      let infinite = i32x4.splat(0);
      let bit = i32x4.splat(1);
      for (let i: u32 = 0, at = from + (x << 2); i < count; i++, at += step) {
        const logits = v128.load(at);
        finite = v128.and(finite, f32x4.lt(f32x4.abs(logits), infinity));
        above = v128.or(above, v128.and(f32x4.gt(logits, most), bit));
        infinite = v128.or(infinite, v128.and(f32x4.eq(logits, infinity), bit));
        bit = i32x4.shl(bit, 1);
      }
      const below = v128.and(v128.or(v128.not(above), infinite), i32x4.splat(valid));
      v128.store_lane<u32>(to, above, 0);
      v128.store_lane<u32>(to + bytes, below, 0);
      v128.store_lane<u32>(to + 2 * bytes, above, 1);
      v128.store_lane<u32>(to + 3 * bytes, below, 1);
      v128.store_lane<u32>(to + 4 * bytes, above, 2);
      v128.store_lane<u32>(to + 5 * bytes, below, 2);
      v128.store_lane<u32>(to + 6 * bytes, above, 3);
      v128.store_lane<u32>(to + 7 * bytes, below, 3);
      to += 8 * bytes;
    }
    for (; x < columns; x++, to += 2 * bytes) {
      let above: u32 = 0;
      let infinite: u32 = 0;
      for (let i: u32 = 0, at = from + (x << 2); i < count; i++, at += step) {
        const logit = load<f32>(at);
        finiteLeft = finiteLeft && abs<f32>(logit) < INFINITE;
        above |= (<u32>(logit > limit)) << i;
        infinite |= (<u32>(logit === INFINITE)) << i;
      }
      store<u32>(to, above);
      store<u32>(to + bytes, (~above | infinite) & valid);
    }
  }
  store<u32>(head, <u32>(finiteLeft && i32x4.all_true(finite)), FINITE);
  store<u32>(head, NONE, HELD);
  store<u32>(head, NONE, HELD + 4);
  for (let at: usize = COUNT; at <= BOTTOM; at += 4) store<u32>(head + at, 0);
  store<u32>(head, NONE, LEFT);
  store<u32>(head, NONE, TOP);
}

/** The largest number of single precision that is not above a threshold: logits above the one are above the other. */
function notAbove(threshold: f64): f32 {
  const near = <f32>threshold;
  if (!(<f64>near > threshold)) return near;
  const bits = reinterpret<u32>(near);
  if ((bits & 0x7fffffff) === 0) return reinterpret<f32>(0x80000001);
  return reinterpret<f32>(bits >>> 31 === 0 ? bits - 1 : bits + 1);
}

/**
 * Writes the run lengths of blocks of image columns, from one on, while there is room for a whole block.
 * @returns the block to go on with after the run lengths were taken away, or the number of blocks
 */
export function runs(head: usize, block: u32, threshold: f64): u32 {
  const blocks = load<u32>(head, BLOCKS);
  const height = load<u32>(head, IMAGE_HEIGHT);
  const starts = load<u32>(head, STARTS);
  for (; block < blocks; block++) {
    const from = load<u32>(starts + (block << 2));
    const to = block + 1 < blocks ? load<u32>(starts + ((block + 1) << 2)) : load<u32>(head, IMAGE_WIDTH);
    if (load<u32>(head, COUNT) + (to - from) * (height + 1) > load<u32>(head, ROOM)) break;
    const all = gather(head, block);
    if (all === MIXED) {
      const stretches = cut(head);
      for (let x = from; x < to; x++) column(head, x, stretches, threshold);
    } else turn(head, from * height, all === ABOVE);
  }
  if (block === blocks) turn(head, load<u32>(head, IMAGE_WIDTH) * height, load<u32>(head, SET) === 0);
  return block;
}

/** Puts together the sides of a block's columns, by row; gives those of all rows together. */
function gather(head: usize, block: u32): u32 {
  const bytes = load<u32>(head, SET_BYTES);
  const out = load<u32>(head, ROW);
  const first = load<u32>(load<u32>(head, FIRST) + (block << 2));
  const last = load<u32>(load<u32>(head, LAST) + (block << 2));
  const begin = load<u32>(head, SIDES) + 2 * bytes * first;
  const end = load<u32>(head, SIDES) + 2 * bytes * last;
  let anyAbove: u32 = 0;
  let anyBelow: u32 = 0;
  for (let word: u32 = 0; word < bytes; word += 4) {
    let above: u32 = 0;
    let below: u32 = 0;
    for (let at = begin + word; at <= end + word; at += 2 * bytes) {
      above |= load<u32>(at);
      below |= load<u32>(at + bytes);
    }
    store<u32>(out + word, above);
    store<u32>(out + bytes + word, below);
    anyAbove |= above;
    anyBelow |= below;
  }
  return (anyAbove !== 0 ? ABOVE : 0) | (anyBelow !== 0 ? BELOW : 0);
}

/** Cuts a block's columns into stretches of rows: settled ones, whose logits lie on one side, and those between them. */
function cut(head: usize): u32 {
  const rows = load<u32>(head, ROWS);
  const bytes = load<u32>(head, SET_BYTES);
  const row = load<u32>(head, ROW);
  const out = load<u32>(head, STRETCHES);
  let done: u32 = 0;
  let at = out;
  for (let y: u32 = 0; y < rows;) {
    const start = y;
    const place = row + ((y >>> 5) << 2);
    const above = (load<u32>(place) >>> (y & 31)) & 1;
    const below = (load<u32>(place + bytes) >>> (y & 31)) & 1;
    y = sameUntil(row, bytes, y, 0 - above, 0 - below);
    y = min(y, rows);
    const from = load<u32>(load<u32>(head, BEGIN) + (start << 2));
    const to = load<u32>(load<u32>(head, END) + ((y - 1) << 2));
    if ((above & below) === 1 || from >= to) continue;
    if (done < from) at = stretch(at, MIXED, from);
    at = stretch(at, above === 1 ? ABOVE : BELOW, to);
    done = to;
  }
  if (done < load<u32>(head, IMAGE_HEIGHT)) at = stretch(at, MIXED, load<u32>(head, IMAGE_HEIGHT));
  return (at - out) >> 3;
}

/** The first row after `y` that lies on other sides: those are given as words of ones or zeros. */
function sameUntil(row: usize, bytes: u32, y: u32, above: u32, below: u32): u32 {
  let word = (y >>> 5) << 2;
  let others =
    ((load<u32>(row + word) ^ above) | (load<u32>(row + bytes + word) ^ below)) & (0xffffffff << (y & 31));
  while (others === 0) {
    word += 4;
    if (word === bytes) return word << 3;
    others = (load<u32>(row + word) ^ above) | (load<u32>(row + bytes + word) ^ below);
  }
  return (word << 3) + ctz(others);
}

function stretch(at: usize, kind: u32, end: u32): usize {
  store<u32>(at, kind);
  store<u32>(at, end, 4);
  return at + 8;
}

/** One image column, stretch by stretch. */
function column(head: usize, x: u32, stretches: u32, threshold: f64): void {
  const base = x * load<u32>(head, IMAGE_HEIGHT);
  let at = load<u32>(head, STRETCHES);
  let from: u32 = 0;
  for (let i: u32 = 0; i < stretches; i++, at += 8) {
    const kind = load<u32>(at);
    const to = load<u32>(at, 4);
    if (kind === MIXED) cross(head, x, from, to, threshold);
    else turn(head, base + from, kind === ABOVE);
    from = to;
  }
}

/** Compares the rows that lie along an edge, one by one. */
function cross(head: usize, x: u32, from: u32, to: u32, threshold: f64): void {
  const first = load<u32>(head, DOWN_IMAGE);
  const second = load<u32>(head, DOWN_IMAGE + 4);
  const weight = load<u32>(head, DOWN_IMAGE + 8);
  const finite = <bool>load<u32>(head, FINITE);
  const mix = mixColumns(head, x, load<u32>(first + (from << 2)), load<u32>(second + ((to - 1) << 2)) + 1);
  let set = <bool>load<u32>(head, SET);
  const base = x * load<u32>(head, IMAGE_HEIGHT);
  for (let y = from << 2; y < to << 2; y += 4) {
    const w = <f64>load<f32>(weight + y);
    let value = <f64>load<f32>(mix + (load<u32>(first + y) << 2));
    // Nothing of a finite neighbour changes nothing.
    if (w !== 0 || !finite) {
      const lower = <f64>load<f32>(mix + (load<u32>(second + y) << 2));
      value = <f64>(<f32>((1 - w) * value + w * lower));
    }
    const above = value > threshold;
    if (above === set) continue;
    set = above;
    turn(head, base + (y >> 2), set);
  }
}

/** Rows of the plane at image column `x`, mixed of two of its columns; gives where they are. */
function mixColumns(head: usize, x: u32, from: u32, to: u32): usize {
  const left = load<u32>(load<u32>(head, ACROSS_IMAGE) + (x << 2));
  const right = load<u32>(load<u32>(head, ACROSS_IMAGE + 4) + (x << 2));
  const w = <f64>load<f32>(load<u32>(head, ACROSS_IMAGE + 8) + (x << 2));
  const a = planeColumn(head, left, from, to);
  if (w === 0 && <bool>load<u32>(head, FINITE)) return a;
  const b = planeColumn(head, right, from, to);
  const mix = load<u32>(head, MIX);
  for (let y = from << 2; y < to << 2; y += 4)
    store<f32>(mix + y, <f32>((1 - w) * <f64>load<f32>(a + y) + w * <f64>load<f32>(b + y)));
  return mix;
}

/** Makes what is not there yet of a column of the plane; gives where it is held. Every step rounds to single precision. */
function planeColumn(head: usize, x: u32, from: u32, to: u32): usize {
  const slot = (x & 1) << 2;
  const values = load<u32>(head + slot, VALUES);
  if (load<u32>(head + slot, HELD) !== x) {
    memory.fill(values, 0xff, load<u32>(head, PLANE_ROWS) << 2);
    store<u32>(head + slot, x, HELD);
  }
  const first = load<u32>(head, DOWN_PLANE);
  const second = load<u32>(head, DOWN_PLANE + 4);
  const weight = load<u32>(head, DOWN_PLANE + 8);
  const logits = load<u32>(head, LOGITS);
  const step = load<u32>(head, WIDTH) << 2;
  const left = logits + (load<u32>(load<u32>(head, ACROSS_PLANE) + (x << 2)) << 2);
  const right = logits + (load<u32>(load<u32>(head, ACROSS_PLANE + 4) + (x << 2)) << 2);
  const v = <f64>load<f32>(load<u32>(head, ACROSS_PLANE + 8) + (x << 2));
  // Rows of the plane that follow each other are mixed of the same rows of logits, or of the next.
  let upperRow: u32 = NONE;
  let lowerRow: u32 = NONE;
  let upper: f32 = 0;
  let lower: f32 = 0;
  for (let y = from << 2; y < to << 2; y += 4) {
    const known = load<f32>(values + y);
    if (known === known) continue;
    const top = load<u32>(first + y);
    const bottom = load<u32>(second + y);
    if (top !== upperRow) {
      upper = top === lowerRow ? lower : acrossOf(left, right, top * step, v);
      upperRow = top;
    }
    if (bottom !== lowerRow) {
      lower = bottom === upperRow ? upper : acrossOf(left, right, bottom * step, v);
      lowerRow = bottom;
    }
    const w = <f64>load<f32>(weight + y);
    store<f32>(values + y, <f32>((1 - w) * <f64>upper + w * <f64>lower));
  }
  return values;
}

function acrossOf(left: usize, right: usize, row: usize, v: f64): f32 {
  return <f32>((1 - v) * <f64>load<f32>(left + row) + v * <f64>load<f32>(right + row));
}

/** From pixel `position` on, down the columns, pixels are set or not. */
function turn(head: usize, position: u32, set: bool): void {
  if (<bool>load<u32>(head, SET) === set) return;
  const start = load<u32>(head, POSITION);
  const count = load<u32>(head, COUNT);
  store<u32>(load<u32>(head, OUT) + (count << 2), position - start);
  store<u32>(head, count + 1, COUNT);
  store<u32>(head, position, POSITION);
  store<u32>(head, <u32>set, SET);
  if (!set) counted(head, start, position);
}

/** Counts a run of set pixels to the area and the box. */
function counted(head: usize, start: u32, end: u32): void {
  const height = load<u32>(head, IMAGE_HEIGHT);
  const first = start / height;
  const last = (end - 1) / height;
  const top = first === last ? start - first * height : 0;
  const bottom = first === last ? end - last * height : height;
  store<u32>(head, load<u32>(head, AREA) + end - start, AREA);
  store<u32>(head, min(load<u32>(head, LEFT), first), LEFT);
  store<u32>(head, last + 1, RIGHT);
  store<u32>(head, min(load<u32>(head, TOP), top), TOP);
  store<u32>(head, max(load<u32>(head, BOTTOM), bottom), BOTTOM);
}
