import { makeLattice, type Lattice } from './noise.js';
import { STUFF_PAINT } from './palette.js';
import type { Prng } from '@maskloom/core';
import { stuffCategory, type StuffName } from './vocabulary.js';

/**
 * Paints the background: each stuff in its colour with its grain.
 * @param labels - row-major stuff ids 11..16
 * @returns row-major RGB, 3 bytes per pixel
 */
export function paintStuff(
  prng: Prng,
  stuff: readonly StuffName[],
  labels: Uint8Array,
  width: number,
  height: number,
): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  const scale = Math.min(width, height) / 128;
  const gain = prng.between(0.93, 1.06);
  for (const name of stuff) {
    const paint = STUFF_PAINT[name];
    const cell = paint.cell.map((c) => Math.max(2, c * scale)) as [number, number];
    const lattice = makeLattice(prng, width, height, cell[0], cell[1]);
    const base = paint.rgb.map((c) => c * gain + prng.between(-7, 7)) as [number, number, number];
    fill(
      prng,
      rgb,
      labels,
      stuffCategory(name),
      lattice,
      base,
      paint.smooth / 256,
      paint.speckle / 256,
      width,
    );
  }
  return rgb;
}

function fill(
  prng: Prng,
  rgb: Uint8Array,
  labels: Uint8Array,
  id: number,
  lattice: Lattice,
  base: readonly [number, number, number],
  smooth: number,
  speckle: number,
  width: number,
): void {
  const { values, columns, cellWidth, cellHeight } = lattice;
  const [red, green, blue] = base;
  for (let start = 0, y = 0; start < labels.length; start += width, y++) {
    const v = y / cellHeight;
    const j = Math.floor(v);
    const fy = v - j;
    const row = j * columns;
    for (let x = 0; x < width; x++) {
      if (labels[start + x] !== id) continue;
      const u = x / cellWidth;
      const i = Math.floor(u);
      const fx = u - i;
      const at = row + i;
      const a = values[at] as number;
      const b = values[at + columns] as number;
      const upper = a + ((values[at + 1] as number) - a) * fx;
      const lower = b + ((values[at + columns + 1] as number) - b) * fx;
      const bits = prng.u32();
      const grain = (upper + (lower - upper) * fy) * smooth + ((bits & 255) - 128) * speckle;
      const p = (start + x) * 3;
      rgb[p] = clamp(red + grain + ((bits >>> 8) & 7));
      rgb[p + 1] = clamp(green + grain + ((bits >>> 11) & 7));
      rgb[p + 2] = clamp(blue + grain + ((bits >>> 14) & 7));
    }
  }
}

/** The nearest byte. */
export function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : Math.floor(value);
}
