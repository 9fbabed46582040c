import type { Prediction, Segment } from '@maskloom/core';
import type { CellData, MapData, PointsData, SegmentData } from './client/data.js';
import { quantiseMap } from './map-data.js';

/**
 * Colours for one row. Segments of equal label are told apart by their order in their cell, so that the
 * first "cat" of each system has one colour and the second another.
 * @param cells - the segments of each cell
 * @returns for each cell, the palette index of each segment
 */
export function rowColours(cells: readonly (readonly Segment[])[]): number[][] {
  const known = new Map<string, number>();
  return cells.map((segments) => {
    const seen = new Map<string, number>();
    return segments.map((segment) => {
      const nth = seen.get(segment.label) ?? 0;
      seen.set(segment.label, nth + 1);
      const key = `${nth} ${segment.label}`;
      const colour = known.get(key) ?? known.size;
      known.set(key, colour);
      return colour;
    });
  });
}

/** What the page needs to paint one cell. */
export function cellData(segments: readonly Segment[], colours: readonly number[]): CellData {
  return { segments: segments.map((segment, index) => segmentData(segment, colours[index] ?? 0)) };
}

function segmentData(segment: Segment, colour: number): SegmentData {
  const points = pointsData(segment);
  const map = mapData(segment);
  return { colour, counts: segment.mask.counts, ...(points && { points }), ...(map && { map }) };
}

function pointsData(segment: Segment): PointsData | undefined {
  const points = segment.evidence?.points;
  if (points === undefined || points.labels.length === 0) return undefined;
  return {
    xy: Array.from(points.xy, (value) => Math.round(value * 10) / 10),
    labels: Array.from(points.labels),
  };
}

function mapData(segment: Segment): MapData | undefined {
  const map = segment.evidence?.map;
  if (map === undefined || map.rows * map.columns === 0) return undefined;
  const { rows, columns, bytes } = quantiseMap(map);
  return { rows, columns, covers: map.covers, bytes: Buffer.from(bytes).toString('base64') };
}

/** Tells which kinds of evidence a prediction carries. */
export function evidenceOf(prediction: Prediction | undefined): {
  readonly points: boolean;
  readonly map: boolean;
} {
  const segments = prediction?.segments ?? [];
  return {
    points: segments.some((segment) => (segment.evidence?.points?.labels.length ?? 0) > 0),
    map: segments.some((segment) => segment.evidence?.map !== undefined),
  };
}
