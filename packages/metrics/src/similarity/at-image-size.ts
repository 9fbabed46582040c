import { MaskloomError, resizeBilinear, type ScoreMap, type Size } from '@maskloom/core';

/** Where a map lies on its image. */
export type MapGeometry = 'exact' | 'reference';

/** Side of the square that the reference makes of the map first. */
const REFERENCE_SIDE = 336;

/**
 * A similarity map at the size of its image: scaled to 0..1 by its smallest and largest score, resized bilinearly, with
 * zeros where the model did not look (the ends of an image whose centre square was cropped).
 * @param geometry - `exact`: the resized map lies at `covers`. `reference`: the map is taken for the centre square and
 * goes the way of READ's released code, over 336 x 336 with zeros on both sides, whose number is rounded down.
 * @returns row-major [height, width]; zeros for a flat map
 * @throws MaskloomError `VALUE_INVALID` when the map covers nothing of the image, or holds numbers that are not finite
 */
export function similarityAtImageSize(
  map: ScoreMap,
  image: Size,
  geometry: MapGeometry = 'exact',
): Float32Array {
  const plane = { width: map.columns, height: map.rows, values: unitRange(map.values) };
  if (geometry === 'reference') return overReferenceSquare(plane, image);
  const [left, top, width, height] = map.covers;
  const box = {
    x: Math.round(left),
    y: Math.round(top),
    width: Math.round(width),
    height: Math.round(height),
  };
  if (box.width < 1 || box.height < 1) {
    throw new MaskloomError('VALUE_INVALID', `A map that covers ${map.covers.join(', ')} of its image.`, {
      where: 'covers',
    });
  }
  const { values } = resizeBilinear(plane, { width: box.width, height: box.height });
  return pasted(clamped(values), box.width, box.height, box.x, box.y, image);
}

/** Scores by their smallest and largest, in 0..1. */
export function unitRange(values: Float32Array): Float32Array {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) {
      throw new MaskloomError('VALUE_INVALID', `A similarity map has the score ${value}.`, {
        where: 'values',
      });
    }
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const range = high - low;
  return values.map((value) => (range > 0 ? Math.min(1, (value - low) / range) : 0));
}

function overReferenceSquare(
  plane: { readonly width: number; readonly height: number; readonly values: Float32Array },
  image: Size,
): Float32Array {
  const side = REFERENCE_SIDE;
  const square = resizeBilinear(plane, { width: side, height: side }).values;
  const scale = side / Math.min(image.width, image.height);
  // Rounded down twice, as there; below zero the map loses a row or column on each side.
  const pad = (length: number): number => Math.floor((Math.floor(length * scale) - side) / 2);
  const [padX, padY] = [pad(image.width), pad(image.height)];
  const [width, height] = [side + 2 * padX, side + 2 * padY];
  const padded = pasted(square, side, side, padX, padY, { width, height });
  const { values } = resizeBilinear({ width, height, values: padded }, image);
  return clamped(values);
}

/** Mixing in single precision may leave 0..1 by a rounding. */
function clamped(values: Float32Array): Float32Array {
  return values.map((value) => Math.min(1, Math.max(0, value)));
}

/** Puts a plane onto zeros; what lies outside is cut off. */
function pasted(
  values: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  target: Size,
): Float32Array {
  const out = new Float32Array(target.width * target.height);
  const first = Math.max(0, -x);
  const last = Math.min(width, target.width - x);
  for (let row = Math.max(0, -y); row < Math.min(height, target.height - y) && first < last; row++) {
    out.set(values.subarray(row * width + first, row * width + last), (row + y) * target.width + x + first);
  }
  return out;
}
