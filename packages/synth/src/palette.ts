import type { Colour, StuffName } from './vocabulary.js';

/** Red, green, blue, each 0..255. */
export type Rgb = readonly [number, number, number];

/** Body colours of things: saturated, so that they stand off every stuff. */
export const THING_RGB: Readonly<Record<Colour, Rgb>> = {
  red: [222, 28, 36],
  orange: [255, 138, 0],
  yellow: [255, 226, 20],
  green: [14, 170, 52],
  blue: [28, 62, 226],
  purple: [136, 34, 184],
  pink: [255, 122, 192],
  brown: [116, 62, 20],
};

/** How a stuff is painted: a muted colour and the grain of its noise, in pixels of a 128-pixel scene. */
export interface StuffPaint {
  readonly rgb: Rgb;
  /** Lattice cell [width, height] of the smooth noise. */
  readonly cell: readonly [number, number];
  /** Strength of the smooth noise, 0..255 units at full swing. */
  readonly smooth: number;
  /** Strength of the per-pixel speckle. */
  readonly speckle: number;
}

/** The paint of each stuff. */
export const STUFF_PAINT: Readonly<Record<StuffName, StuffPaint>> = {
  sky: { rgb: [164, 204, 238], cell: [40, 20], smooth: 22, speckle: 3 },
  water: { rgb: [52, 112, 146], cell: [18, 3], smooth: 34, speckle: 6 },
  grass: { rgb: [112, 144, 78], cell: [2, 7], smooth: 44, speckle: 22 },
  sand: { rgb: [216, 192, 146], cell: [14, 10], smooth: 14, speckle: 34 },
  snow: { rgb: [236, 240, 246], cell: [24, 24], smooth: 14, speckle: 5 },
  rock: { rgb: [122, 116, 114], cell: [7, 6], smooth: 62, speckle: 14 },
};
