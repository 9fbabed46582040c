import { maskArea, maskBox } from '@maskloom/core';
import { maskPolygons, type MaskPolygon, type PolygonOptions } from './polygons.js';
import { checkSizes, type ExportImage } from './results.js';

/** Positions of a closed ring; the last repeats the first. */
type Ring = readonly (readonly [number, number])[];

/** A GeoJSON document (RFC 7946) in pixels. */
export interface MaskFeatures {
  /** Always `FeatureCollection`. */
  readonly type: 'FeatureCollection';
  /** A feature per mask, in their order. */
  readonly features: readonly {
    /** Always `Feature`. */
    readonly type: 'Feature';
    /** Outlines with holes; `null` for an empty mask. */
    readonly geometry:
      | {
          /** One part. */
          readonly type: 'Polygon';
          /** The outer ring, then holes. */
          readonly coordinates: readonly Ring[];
        }
      | {
          /** Several parts. */
          readonly type: 'MultiPolygon';
          /** Of each part the outer ring, then holes. */
          readonly coordinates: readonly (readonly Ring[])[];
        }
      | null;
    /** `bbox` is [x, y, width, height] in pixels. */
    readonly properties: {
      /** Its class or name. */
      readonly label: string;
      /** Confidence. */
      readonly score: number;
      /** Pixels. */
      readonly area: number;
      /** [x, y, width, height] in ImagePx. */
      readonly bbox: readonly number[];
    };
  }[];
  /** The image that the pixels are of. */
  readonly image: {
    /** As it was given. */
    readonly path: string;
    /** Pixels. */
    readonly width: number;
    /** Pixels. */
    readonly height: number;
  };
}

/**
 * Masks as GeoJSON. Coordinates are pixels of the image, x to the right and y down, from the corner of its first pixel. Rings
 * follow the right-hand rule of RFC 7946 as the numbers go: outer rings have a positive area, holes a negative one.
 * @throws MaskloomError `MASK_INVALID`
 */
export function maskFeatures(image: ExportImage, options: PolygonOptions = {}): MaskFeatures {
  checkSizes(image);
  const { path, width, height, segments } = image;
  return {
    type: 'FeatureCollection',
    features: segments.map(({ label, score, mask }) => {
      const parts = maskPolygons(mask, options).map(rings);
      const [only] = parts;
      return {
        type: 'Feature',
        geometry:
          only === undefined
            ? null
            : parts.length === 1
              ? { type: 'Polygon', coordinates: only }
              : { type: 'MultiPolygon', coordinates: parts },
        properties: { label, score, area: maskArea(mask), bbox: maskBox(mask) },
      };
    }),
    image: { path, width, height },
  };
}

function rings({ outer, holes }: MaskPolygon): readonly Ring[] {
  return [outer, ...holes].map((corners) =>
    Array.from({ length: corners.length / 2 + 1 }, (_, i) => {
      const at = (2 * i) % corners.length;
      return [corners[at] as number, corners[at + 1] as number];
    }),
  );
}
