import type { ImageTransform, PointSet, Size } from '@maskloom/core';
import { toContinuous, type Interpolation } from './discrete-to-continuous.js';
import { compatGeometry, exactGeometry, printedGeometry, type SaspGeometry } from './geometry.js';
import { minMax, resizeGrid, type Grid } from './score-grid.js';
import { NEUTRAL_ONLY, selectPoints, thresholdsFor, type Thresholds } from './select-points.js';

const GEOMETRIES = { exact: exactGeometry, compat: compatGeometry, printed: printedGeometry } as const;

/** Everything that decides which points Similarity as Points gives. */
export interface SaspSettings {
  /** The score grid's side is divided by this (floored) before points are chosen. */
  readonly downSample: number;
  /** How scores become labels. */
  readonly thresholds: Thresholds;
  /** Points wanted; fewer only when the grid has fewer cells. */
  readonly count: number;
  /**
   * `exact` inverts resize and crop; `compat` reproduces the released code's flooring; `printed` lays the grid over the
   * whole image as Algorithm 1 does.
   */
  readonly geometry: keyof typeof GEOMETRIES;
  /** Interpolation of the points over the map around them, or none. */
  readonly discreteToContinuous: Interpolation | false;
}

/**
 * Similarity as Points (READ section 4.1 and Algorithm 1): scores of the image tokens to labelled points.
 * @param scores - raw similarity, one per image token
 * @param transform - how the image became the vision encoder's input
 * @returns points in ImagePx, positives first
 */
export function similarityToPoints(
  scores: Grid,
  transform: ImageTransform<'ClipPx'>,
  settings: SaspSettings,
): PointSet<'ImagePx'> {
  const geometry = GEOMETRIES[settings.geometry](transform);
  const rows = Math.max(1, Math.floor(scores.rows / settings.downSample));
  const columns = Math.max(1, Math.floor(scores.columns / settings.downSample));
  const pooled = resizeGrid(scores, rows, columns);
  const normal = minMax(pooled);
  const limits = normal === undefined ? NEUTRAL_ONLY : thresholdsFor(normal, settings.thresholds);
  const grid = geometry.frame(normal ?? zeros(pooled));
  const cells = selectPoints(grid, limits, settings.count);
  const refine = refiner(scores, geometry, transform.original, settings.discreteToContinuous);

  const xy = new Float32Array(2 * cells.length);
  const labels = new Int8Array(cells.length);
  cells.forEach(({ cell, label }, i) => {
    const [x, y] = refine(geometry.place(grid, cell));
    xy[2 * i] = x;
    xy[2 * i + 1] = y;
    labels[i] = label;
  });
  return { frame: 'ImagePx', xy, labels };
}

type Place = readonly [x: number, y: number];

function refiner(
  scores: Grid,
  geometry: SaspGeometry,
  image: Size,
  interpolation: Interpolation | false,
): (place: Place) => Place {
  if (interpolation === false) return (place) => place;
  const map = geometry.reader(minMax(scores) ?? zeros(scores));
  return (place) => toContinuous(place, map, image, interpolation);
}

function zeros(grid: Grid): Grid {
  return { ...grid, values: new Float32Array(grid.values.length) };
}
