import type { Prediction, PredictionEvidence, ScoreMap, Segment } from '@maskloom/core';
import type { CellData, MapData, PointsData, SegmentData } from './client/data.js';
import { quantiseMap } from './map-data.js';

/** What the page needs to paint one cell. */
export function cellData(
  segments: readonly Segment[],
  colours: readonly number[],
  evidence: PredictionEvidence = {},
): CellData {
  return {
    segments: segments.map((segment, index) =>
      // One copy of the whole image's map is enough: it is shown whichever segment is.
      segmentData(segment, colours[index] ?? 0, index === 0 ? evidence.heat : undefined),
    ),
  };
}

function segmentData(segment: Segment, colour: number, heat: ScoreMap | undefined): SegmentData {
  const points = pointsData(segment) ?? patchData(segment);
  const map = mapData(segment.evidence?.map ?? heat);
  return {
    colour,
    label: segment.label,
    score: segment.score,
    counts: segment.mask.counts,
    ...(points && { points }),
    ...(map && { map }),
  };
}

function pointsData(segment: Segment): PointsData | undefined {
  const points = segment.evidence?.points;
  if (points === undefined || points.labels.length === 0) return undefined;
  return {
    xy: Array.from(points.xy, (value) => Math.round(value * 10) / 10),
    labels: Array.from(points.labels),
  };
}

/** The patch that proposed a segment, as a point in its middle. */
function patchData(segment: Segment): PointsData | undefined {
  const patch = segment.evidence?.patch;
  if (patch === undefined) return undefined;
  const [x, y, width, height] = patch.box;
  return { xy: [x + width / 2, y + height / 2].map((value) => Math.round(value * 10) / 10), labels: [1] };
}

function mapData(map: ScoreMap | undefined): MapData | undefined {
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
    points: segments.some(
      ({ evidence }) => (evidence?.points?.labels.length ?? 0) > 0 || evidence?.patch !== undefined,
    ),
    map:
      segments.some((segment) => segment.evidence?.map !== undefined) ||
      (prediction?.evidence?.heat !== undefined && segments.length > 0),
  };
}
