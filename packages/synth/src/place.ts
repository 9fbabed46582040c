import type { Prng } from '@maskloom/core';
import { insideShape, SHAPE_REACH } from './shapes.js';
import { cos as cosine, sin as sine } from './trig.js';
import type { Attributes, SizeName } from './vocabulary.js';

/** A thing at its place: pixel coordinates, x right, y down, pixel (0, 0) centred at (0, 0). */
export interface PlacedThing extends Attributes {
  /** Segment id in the scene: 1..6 in painter's order. */
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Cosine and sine of its rotation. */
  readonly cos: number;
  readonly sin: number;
  /** Indexes of the pixels whose centres lie in the whole shape, hidden or not, in reading order. */
  readonly pixels: Int32Array;
}

/** Radii in pixels of a 128-pixel scene. */
const RADII: Readonly<Record<SizeName, readonly [number, number]>> = {
  small: [7, 10],
  medium: [12, 17],
  large: [20, 27],
};

const NONE = new Int32Array(0);

/** A thing stays recognisable: at least half of it is visible (and 30 pixels). */
const MIN_VISIBLE_SHARE = 0.5;
/** Fewer visible pixels than this are a sliver. */
export const MIN_VISIBLE_PIXELS = 30;

/**
 * Places things one over another. A thing that would hide too much of an earlier one is tried elsewhere, and left
 * out after 14 tries, so every thing in the scene can be seen and named.
 * @param labels - row-major segment ids, stuff already in it; the things' visible pixels are written over it
 */
export function placeThings(
  prng: Prng,
  plan: readonly Attributes[],
  labels: Uint8Array,
  width: number,
  height: number,
): PlacedThing[] {
  const scale = Math.max(0.75, Math.min(width, height) / 128);
  const placed: PlacedThing[] = [];
  const visible = [0, 0, 0, 0, 0, 0, 0];
  const covered = [0, 0, 0, 0, 0, 0, 0];
  const scratch = new Int32Array(width * height);
  for (const attributes of plan) {
    for (let attempt = 0; attempt < 14; attempt++) {
      const [low, high] = RADII[attributes.size];
      const radius = prng.between(low, high) * scale;
      const margin = Math.min(radius + 1, width / 2, height / 2);
      const angle = prng.between(-0.3, 0.3);
      const id = placed.length + 1;
      const candidate: PlacedThing = {
        ...attributes,
        id,
        x: prng.between(margin, width - margin),
        y: prng.between(margin, height - margin),
        radius,
        cos: cosine(angle),
        sin: sine(angle),
        pixels: NONE,
      };
      const pixels = coverPixels(candidate, width, height, scratch);
      covered.fill(0);
      for (const p of pixels) {
        const owner = labels[p] as number;
        if (owner <= 6) covered[owner] = (covered[owner] as number) + 1;
      }
      const clear = placed.every((thing) => {
        const left = (visible[thing.id] as number) - (covered[thing.id] as number);
        return (
          covered[thing.id] === 0 ||
          (left >= MIN_VISIBLE_PIXELS && left >= MIN_VISIBLE_SHARE * thing.pixels.length)
        );
      });
      if (!clear || pixels.length < MIN_VISIBLE_PIXELS) continue;
      for (const thing of placed)
        visible[thing.id] = (visible[thing.id] as number) - (covered[thing.id] as number);
      for (const p of pixels) labels[p] = id;
      visible[id] = pixels.length;
      placed.push({ ...candidate, pixels: pixels.slice() });
      break;
    }
  }
  return placed;
}

/** Pixel indexes whose centres lie in the thing's whole shape, in a part of `scratch`. */
function coverPixels(thing: PlacedThing, width: number, height: number, scratch: Int32Array): Int32Array {
  const { shape, radius, cos, sin } = thing;
  const reach = radius * SHAPE_REACH;
  const left = Math.max(0, Math.ceil(thing.x - reach));
  const right = Math.min(width - 1, Math.floor(thing.x + reach));
  const top = Math.max(0, Math.ceil(thing.y - reach));
  const bottom = Math.min(height - 1, Math.floor(thing.y + reach));
  let count = 0;
  for (let y = top; y <= bottom; y++) {
    const dy = (y - thing.y) / radius;
    const along = dy * sin;
    const down = dy * cos;
    for (let x = left; x <= right; x++) {
      const dx = (x - thing.x) / radius;
      if (insideShape(shape, dx * cos + along, down - dx * sin)) scratch[count++] = y * width + x;
    }
  }
  return scratch.subarray(0, count);
}

/** Tells whether a point of the image lies in the thing's whole shape. */
export function coversPoint(thing: PlacedThing, x: number, y: number): boolean {
  const dx = (x - thing.x) / thing.radius;
  const dy = (y - thing.y) / thing.radius;
  return insideShape(thing.shape, dx * thing.cos + dy * thing.sin, dy * thing.cos - dx * thing.sin);
}
