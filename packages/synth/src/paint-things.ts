import { THING_RGB } from './palette.js';
import { clamp } from './paint-stuff.js';
import { coversPoint, type PlacedThing } from './place.js';
import type { Prng } from '@maskloom/core';
import { SHAPE_REACH } from './shapes.js';

/**
 * Paints one thing over the picture: body colour with a slight slope of light, its texture in near-white, a thin dark
 * outline and soft edges (4 samples per edge pixel). Its mask stays exact; only the colours are mixed.
 */
export function paintThing(
  prng: Prng,
  rgb: Uint8Array,
  thing: PlacedThing,
  width: number,
  height: number,
): void {
  const reach = thing.radius * SHAPE_REACH + 1;
  const left = Math.max(0, Math.floor(thing.x - reach));
  const right = Math.min(width - 1, Math.ceil(thing.x + reach));
  const top = Math.max(0, Math.floor(thing.y - reach));
  const bottom = Math.min(height - 1, Math.ceil(thing.y + reach));
  const columns = right - left + 3;
  const inside = new Uint8Array(columns * (bottom - top + 3));
  for (const p of thing.pixels) {
    const y = Math.floor(p / width);
    inside[(y - top + 1) * columns + (p - y * width - left + 1)] = 1;
  }
  const tone = prng.between(0.92, 1.06);
  const base = THING_RGB[thing.colour].map((c) => c * tone + prng.between(-6, 6)) as [number, number, number];
  const slopeX = prng.between(-0.09, 0.09);
  const slopeY = prng.between(-0.09, 0.09);
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const at = (y - top + 1) * columns + (x - left + 1);
      const self = inside[at] as number;
      const around =
        (inside[at - 1] as number) +
        (inside[at + 1] as number) +
        (inside[at - columns] as number) +
        (inside[at + columns] as number);
      if (self === 0 && around === 0) continue;
      const edge = self === 0 || around < 4;
      const cover = edge ? coverage(thing, x, y) : 1;
      if (cover === 0) continue;
      const dx = (x - thing.x) / thing.radius;
      const dy = (y - thing.y) / thing.radius;
      const light = (1 + slopeX * dx + slopeY * dy) * (edge ? 0.45 : 1);
      const white = !edge && textured(thing, dx, dy) ? 0.8 : 0;
      const bits = prng.u32();
      const p = (y * width + x) * 3;
      mix(rgb, p, base[0], white, light, bits & 15, cover);
      mix(rgb, p + 1, base[1], white, light, (bits >>> 4) & 15, cover);
      mix(rgb, p + 2, base[2], white, light, (bits >>> 8) & 15, cover);
    }
  }
}

function mix(
  rgb: Uint8Array,
  at: number,
  base: number,
  white: number,
  light: number,
  grain: number,
  cover: number,
): void {
  const colour = (base * (1 - white) + 250 * white) * light + grain - 8;
  rgb[at] = clamp((rgb[at] as number) * (1 - cover) + colour * cover);
}

function coverage(thing: PlacedThing, x: number, y: number): number {
  let hits = 0;
  if (coversPoint(thing, x - 0.25, y - 0.25)) hits++;
  if (coversPoint(thing, x + 0.25, y - 0.25)) hits++;
  if (coversPoint(thing, x - 0.25, y + 0.25)) hits++;
  if (coversPoint(thing, x + 0.25, y + 0.25)) hits++;
  return hits / 4;
}

/** Tells whether a body point is on a stripe or a dot; coordinates in radii from the thing's origin. */
function textured(thing: PlacedThing, dx: number, dy: number): boolean {
  if (thing.texture === 'plain') return false;
  const u = (dx * thing.cos + dy * thing.sin) * thing.radius;
  const v = (dy * thing.cos - dx * thing.sin) * thing.radius;
  if (thing.texture === 'striped') {
    const period = Math.max(4.6, thing.radius * 0.4);
    const phase = (u + v) / (period * 1.4142135623730951);
    return phase - Math.floor(phase) < 0.42;
  }
  const period = Math.max(4.6, thing.radius * 0.36);
  const row = Math.floor(v / period);
  const shifted = u / period + (row & 1) * 0.5;
  const gx = shifted - Math.floor(shifted) - 0.5;
  const gy = v / period - row - 0.5;
  return gx * gx + gy * gy < 0.105;
}
