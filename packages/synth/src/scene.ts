import { layoutStuff } from './stuff-layout.js';
import { paintStuff } from './paint-stuff.js';
import { paintThing } from './paint-things.js';
import { MIN_VISIBLE_PIXELS, placeThings } from './place.js';
import { planThings } from './plan.js';
import { Prng } from '@maskloom/core';
import { inventedName, stuffCategory, type Attributes, type StuffName } from './vocabulary.js';

/** [x, y, width, height] in pixels, tight around the visible pixels. */
export type Box = readonly [number, number, number, number];

/** A visible thing. */
export interface SceneThing extends Attributes {
  /** Segment id in the scene: 1..6 in painter's order. */
  readonly id: number;
  /** Name of the invented class it belongs to, or null. */
  readonly invented: string | null;
  /** Visible pixels. */
  readonly area: number;
  /** Around the visible pixels. */
  readonly bbox: Box;
  /** Mean of the visible pixels' coordinates (pixel (0, 0) is centred at (0, 0)), to 1/100 pixel. */
  readonly centre: readonly [number, number];
}

/** A visible background region. */
export interface SceneStuff {
  /** Segment id in the scene, the category id 11..16. */
  readonly id: number;
  /** Its material. */
  readonly name: StuffName;
  /** Visible pixels. */
  readonly area: number;
  /** Around the visible pixels. */
  readonly bbox: Box;
}

/** One drawn scene with its exact labels. */
export interface Scene {
  /** What the scene was drawn from. */
  readonly seed: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Row-major RGB, 3 bytes per pixel. */
  readonly rgb: Uint8Array;
  /** Row-major segment ids: 1..6 things, 11..16 stuff, 0 not labelled (slivers of stuff). */
  readonly labels: Uint8Array;
  /** The things, in painter's order. */
  readonly things: readonly SceneThing[];
  /** The background regions with at least 30 visible pixels, by id. */
  readonly stuff: readonly SceneStuff[];
  /** Stuff that was drawn and may show in a sliver; any other stuff word is surely absent. */
  readonly drawnStuff: readonly StuffName[];
}

/**
 * Draws the scene of a seed: the same pixels and labels on any machine.
 * @param seed - a safe integer >= 0
 * @param width - pixels, 64..4096
 * @param height - pixels, 64..4096
 */
export function makeScene(seed: number, width: number, height: number): Scene {
  const prng = new Prng(seed);
  const { stuff, labels } = layoutStuff(prng, width, height);
  const rgb = paintStuff(prng, stuff, labels, width, height);
  const placed = placeThings(prng, planThings(prng), labels, width, height);
  for (const thing of placed) paintThing(prng, rgb, thing, width, height);
  const extents = measure(labels, width, height);
  const things = placed.map((thing): SceneThing => {
    const { id, shape, colour, texture, size } = thing;
    const { area, bbox, centre } = extentOf(extents, id);
    return { id, shape, colour, texture, size, invented: inventedName(thing), area, bbox, centre };
  });
  const visible: SceneStuff[] = [];
  for (const name of stuff) {
    const id = stuffCategory(name);
    const { area, bbox } = extentOf(extents, id);
    if (area >= MIN_VISIBLE_PIXELS) visible.push({ id, name, area, bbox });
    else if (area > 0) for (let p = 0; p < labels.length; p++) if (labels[p] === id) labels[p] = 0;
  }
  visible.sort((a, b) => a.id - b.id);
  return { seed, width, height, rgb, labels, things, stuff: visible, drawnStuff: stuff };
}

interface Extent {
  readonly area: number;
  readonly bbox: Box;
  readonly centre: readonly [number, number];
}

/** Area, tight box and centre of every segment id in one pass. */
function measure(labels: Uint8Array, width: number, height: number): Extent[] {
  const area = new Int32Array(17);
  const sumX = new Float64Array(17);
  const sumY = new Float64Array(17);
  const left = new Int32Array(17).fill(width);
  const right = new Int32Array(17).fill(-1);
  const top = new Int32Array(17).fill(height);
  const bottom = new Int32Array(17).fill(-1);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width;) {
      const id = labels[row + x] as number;
      const from = x;
      while (x < width && labels[row + x] === id) x++;
      const run = x - from;
      area[id] = (area[id] as number) + run;
      sumX[id] = (sumX[id] as number) + ((from + x - 1) * run) / 2;
      sumY[id] = (sumY[id] as number) + y * run;
      if (from < (left[id] as number)) left[id] = from;
      if (x - 1 > (right[id] as number)) right[id] = x - 1;
      if (y < (top[id] as number)) top[id] = y;
      bottom[id] = y;
    }
  }
  return Array.from(area, (count, id): Extent => {
    const x = left[id] as number;
    const y = top[id] as number;
    const bbox =
      count === 0
        ? ([0, 0, 0, 0] as const)
        : ([x, y, (right[id] as number) - x + 1, (bottom[id] as number) - y + 1] as const);
    const mean = (sum: Float64Array): number =>
      count === 0 ? 0 : Math.round(((sum[id] as number) / count) * 100) / 100;
    return { area: count, bbox, centre: [mean(sumX), mean(sumY)] };
  });
}

function extentOf(extents: readonly Extent[], id: number): Extent {
  return extents[id] ?? { area: 0, bbox: [0, 0, 0, 0], centre: [0, 0] };
}
