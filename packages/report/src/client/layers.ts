import type { CellData, MapData, PointsData, SegmentData } from './data.js';
import { traceOutline } from '@maskloom/masks/outline';
import { mapColour, segmentColour } from './palette.js';
import { reachedPart, runLengths, samplePart, type GridPart } from './rle.js';

/** One segment, ready to paint: paths are in picture pixels. */
export interface Layer {
  readonly colour: string;
  readonly label: string;
  readonly score: number;
  readonly path: Path2D;
  /** COCO compressed counts of the mask, at the size of the original. */
  readonly counts: string;
  /** The outline at the original's own pixels, of a part that was looked at closely. */
  sharp: SharpOutline | undefined;
  /** The part of the picture that the path lies in, in picture pixels. */
  readonly bounds: GridPart;
  readonly points: PointsData | undefined;
  readonly map: MapLayer | undefined;
  /** Switched on in the list below the picture. */
  visible: boolean;
  /** Passes the page's filter. */
  passes: boolean;
}

/** An outline at the original's own pixels. */
export interface SharpOutline {
  /** In picture pixels. */
  readonly path: Path2D;
  /** The part of the picture that it is right in, in picture pixels. */
  readonly part: GridPart;
}

/** Whether a mask is painted. */
export function isShown(layer: Layer): boolean {
  return layer.visible && layer.passes;
}

/** Whether a mask reaches into a part of the picture. */
export function reaches({ bounds }: Layer, part: GridPart): boolean {
  return (
    bounds.left < part.left + part.width &&
    bounds.top < part.top + part.height &&
    part.left < bounds.left + bounds.width &&
    part.top < bounds.top + bounds.height
  );
}

/** A score map as a small picture. */
export interface MapLayer {
  readonly canvas: HTMLCanvasElement;
  readonly covers: readonly [number, number, number, number];
}

/**
 * Decodes a cell's masks and maps.
 * @param size - height and width of the original image, the frame of the masks
 * @param picture - width and height of the embedded picture; masks are sampled at this size
 */
export function buildLayers(
  cell: CellData,
  size: readonly [number, number],
  picture: readonly [number, number],
): Layer[] {
  return cell.segments.map((segment) => buildLayer(segment, size, picture));
}

/** Decodes one mask, with its points and its map; as of {@link buildLayers}. */
export function buildLayer(
  segment: SegmentData,
  size: readonly [number, number],
  picture: readonly [number, number],
): Layer {
  const runs = runLengths(segment.counts);
  const grid = [size[0], size[1], picture[1], picture[0]] as const;
  const part = reachedPart(runs, ...grid);
  const mask = samplePart(runs, ...grid, part);
  return {
    colour: segmentColour(segment.colour),
    label: segment.label,
    score: segment.score,
    counts: segment.counts,
    sharp: undefined,
    path: toPath(traceOutline(mask, part.width, part.height), part),
    bounds: part,
    points: segment.points,
    map: segment.map === undefined ? undefined : mapLayer(segment.map),
    visible: true,
    passes: true,
  };
}

/**
 * An outline as a path.
 * @param part - where the outline's grid lies
 * @param scale - picture pixels per pixel of the grid
 */
export function toPath(
  loops: readonly number[][],
  { left, top }: Pick<GridPart, 'left' | 'top'>,
  scale = 1,
): Path2D {
  const path = new Path2D();
  const x = (loop: readonly number[], at: number): number => (left + (loop[at] ?? 0)) * scale;
  const y = (loop: readonly number[], at: number): number => (top + (loop[at + 1] ?? 0)) * scale;
  for (const loop of loops) {
    path.moveTo(x(loop, 0), y(loop, 0));
    for (let i = 2; i < loop.length; i += 2) path.lineTo(x(loop, i), y(loop, i));
    path.closePath();
  }
  return path;
}

function mapLayer(map: MapData): MapLayer | undefined {
  const canvas = document.createElement('canvas');
  canvas.width = map.columns;
  canvas.height = map.rows;
  const context = canvas.getContext('2d');
  if (context === null) return undefined;
  const pixels = context.createImageData(map.columns, map.rows);
  const bytes = atob(map.bytes);
  for (let i = 0; i < map.rows * map.columns; i++) {
    const [r, g, b] = mapColour(bytes.charCodeAt(i) / 255);
    pixels.data.set([r, g, b, 255], 4 * i);
  }
  context.putImageData(pixels, 0, 0);
  return { canvas, covers: map.covers };
}
