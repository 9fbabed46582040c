import type { Prng } from '@maskloom/core';

/** Smooth noise: random values on a lattice, read between them bilinearly. */
export interface Lattice {
  readonly values: Int16Array;
  readonly columns: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
}

/** A lattice of uniform integers in -128..127 that covers width x height pixels. */
export function makeLattice(
  prng: Prng,
  width: number,
  height: number,
  cellWidth: number,
  cellHeight: number,
): Lattice {
  const columns = Math.floor(width / cellWidth) + 2;
  const rows = Math.floor(height / cellHeight) + 2;
  const values = new Int16Array(columns * rows);
  for (let i = 0; i < values.length; i++) values[i] = (prng.u32() & 255) - 128;
  return { values, columns, cellWidth, cellHeight };
}

/** The noise at a pixel, about -128..127. */
export function sampleLattice(lattice: Lattice, x: number, y: number): number {
  const { values, columns, cellWidth, cellHeight } = lattice;
  const u = x / cellWidth;
  const v = y / cellHeight;
  const i = Math.floor(u);
  const j = Math.floor(v);
  const fx = u - i;
  const fy = v - j;
  const at = j * columns + i;
  const top = (values[at] as number) * (1 - fx) + (values[at + 1] as number) * fx;
  const bottom = (values[at + columns] as number) * (1 - fx) + (values[at + columns + 1] as number) * fx;
  return top * (1 - fy) + bottom * fy;
}
