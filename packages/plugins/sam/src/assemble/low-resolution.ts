import type { DecodedMasks } from '@maskloom/core';

/** Cells along each side of a block: two of its rows are one 32-bit word. */
const SIDE = 16;
/** Words of a block. */
const WORDS = SIDE / 2;
/** Cells of a block. */
const CELLS = SIDE * SIDE;

/**
 * N masks at the decoder's resolution, one bit per cell, in blocks of 16 x 16 cells that know how many of theirs are set:
 * where one of two masks is empty or full, their overlap needs no bits. Missing cells of the last blocks are not set.
 */
export interface BitMasks {
  /** Blocks from left to right. */
  readonly across: number;
  /** Blocks from top to bottom. */
  readonly down: number;
  /** Shape [N, down, across, 8], words of two rows of a block, the upper in the low half, the left cell in the lowest bit. */
  readonly bits: Uint32Array;
  /** Shape [N, down, across], cells set in each block. */
  readonly counts: Uint16Array;
  /** Shape [N], cells set in each mask. */
  readonly areas: Uint32Array;
  /** Shape [N, 4], the first and last block with cells set from left to right, then from top to bottom; first > last when empty. */
  readonly boxes: Uint16Array;
}

/** The part of low-resolution masks that the image covers, from the top left corner. */
export interface CoveredCells {
  /** Cells from left to right, at most the masks' width. */
  readonly columns: number;
  /** Cells from top to bottom, at most the masks' height. */
  readonly rows: number;
}

/** The columns and rows of low-resolution masks that the image covers; the rest is SAM's padding. */
export function coveredCells({ width, height, transform }: DecodedMasks): CoveredCells {
  const { resized, input } = transform;
  return {
    columns: Math.min(width, Math.ceil((width * resized.width) / input.width)),
    rows: Math.min(height, Math.ceil((height * resized.height) / input.height)),
  };
}

/** Low-resolution masks, logit > 0, as bits; pauses between masks. */
export function* bitMasks(decoded: DecodedMasks): Generator<void, BitMasks> {
  const { count, width, height } = decoded;
  const [across, down] = [Math.ceil(width / SIDE), Math.ceil(height / SIDE)];
  const masks: BitMasks = {
    across,
    down,
    bits: new Uint32Array(count * across * down * WORDS),
    counts: new Uint16Array(count * across * down),
    areas: new Uint32Array(count),
    boxes: new Uint16Array(count * 4),
  };
  for (let n = 0; n < count; n++) {
    setBits(decoded, n, masks);
    countBits(masks, n);
    yield;
  }
  return masks;
}

function setBits({ logits, width, height }: DecodedMasks, n: number, { across, down, bits }: BitMasks): void {
  const first = n * across * down * WORDS;
  const signs = new Int32Array(logits.buffer, logits.byteOffset, logits.length);
  for (let y = 0; y < height; y++) {
    const row = first + (y >> 4) * across * WORDS + ((y & 15) >> 1);
    const shift = (y & 1) << 4;
    const end = (n * height + y + 1) * width;
    let cell = end - width;
    for (let block = 0; block < across; block++, cell += SIDE) {
      const cells = Math.min(SIDE, end - cell);
      if (cells === SIDE && allNegative(signs, cell)) continue;
      let set = 0;
      for (let i = 0; i < cells; i++) if (logits[cell + i]! > 0) set |= 1 << i;
      bits[row + block * WORDS]! |= set << shift;
    }
  }
}

/** Whether the sixteen numbers from a place on are negative: as most cells of most masks are, at a glance. */
function allNegative(v: Int32Array, at: number): boolean {
  const upper =
    v[at]! & v[at + 1]! & v[at + 2]! & v[at + 3]! & v[at + 4]! & v[at + 5]! & v[at + 6]! & v[at + 7]!;
  return (
    (upper &
      v[at + 8]! &
      v[at + 9]! &
      v[at + 10]! &
      v[at + 11]! &
      v[at + 12]! &
      v[at + 13]! &
      v[at + 14]! &
      v[at + 15]!) <
    0
  );
}

function countBits({ across, down, bits, counts, areas, boxes }: BitMasks, n: number): void {
  let [left, right, top, bottom] = [across, 0, down, 0];
  let block = n * across * down;
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++, block++) {
      let set = 0;
      for (let w = block * WORDS; w < (block + 1) * WORDS; w++) set += ones(bits[w]!);
      if (set === 0) continue;
      counts[block] = set;
      areas[n]! += set;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  boxes.set([left, right, top, bottom], 4 * n);
}

/**
 * Whether the intersection over union of two of the masks is above a limit; it is 0 when both are empty. Areas, then boxes,
 * then the blocks' counts bound it before any bit is looked at.
 * @param limit - IoU 0..1
 */
export function overlapAbove(masks: BitMasks, a: number, b: number, limit: number): boolean {
  const { across, down, counts, areas, boxes } = masks;
  const both = areas[a]! + areas[b]!;
  const above = (shared: number): boolean => shared > 0 && shared / (both - shared) > limit;
  if (!above(Math.min(areas[a]!, areas[b]!))) return false;
  const left = Math.max(boxes[4 * a]!, boxes[4 * b]!);
  const right = Math.min(boxes[4 * a + 1]!, boxes[4 * b + 1]!);
  const top = Math.max(boxes[4 * a + 2]!, boxes[4 * b + 2]!);
  const bottom = Math.min(boxes[4 * a + 3]!, boxes[4 * b + 3]!);
  let [most, least] = [0, 0];
  for (let y = top; y <= bottom; y++) {
    let [at, with_] = [(a * down + y) * across + left, (b * down + y) * across + left];
    for (const end = at + right - left; at <= end; at++, with_++) {
      const [mine, other] = [counts[at]!, counts[with_]!];
      most += mine < other ? mine : other;
      if (mine + other > CELLS) least += mine + other - CELLS;
    }
  }
  if (!above(most)) return false;
  if (above(least)) return true;
  return above(sharedCells(masks, a, b, left, right, top, bottom));
}

/** Cells set in both masks, in the blocks given. */
function sharedCells(
  { across, down, bits, counts }: BitMasks,
  a: number,
  b: number,
  left: number,
  right: number,
  top: number,
  bottom: number,
): number {
  let shared = 0;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const [at, with_] = [(a * down + y) * across + x, (b * down + y) * across + x];
      const [mine, other] = [counts[at]!, counts[with_]!];
      if (mine === 0 || other === 0) continue;
      if (mine === CELLS || other === CELLS) shared += mine < other ? mine : other;
      else for (let w = 0; w < WORDS; w++) shared += ones(bits[at * WORDS + w]! & bits[with_ * WORDS + w]!);
    }
  }
  return shared;
}

/** Bits set in a 32-bit word (parallel sum). */
function ones(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
