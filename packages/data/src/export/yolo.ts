import { maskPolygons, type MaskPolygon, type PolygonOptions } from './polygons.js';
import { checkSizes, type ExportImage } from './results.js';

/** Digits after the point: a thousandth of a pixel at 1,000 pixels. */
const DIGITS = 6;

/**
 * Masks as lines of YOLO's segmentation format, `class x1 y1 x2 y2 ...`, x over the image's width and y over its height. The
 * format knows one outline a line: parts and holes are joined into one by bridges without width (as Ultralytics joins COCO's
 * polygons), so that the even-odd rule gives the mask back. Scores have no place in it; empty masks are left out.
 * @param classOf - the number of a label, 0 and up
 * @returns the text of the image's file, a line per mask
 * @throws MaskloomError `MASK_INVALID`
 */
export function yoloLines(
  image: ExportImage,
  classOf: (label: string) => number,
  options: PolygonOptions = {},
): string {
  checkSizes(image);
  const { width, height, segments } = image;
  const lines = segments.flatMap(({ label, mask }) => {
    const corners = joined(maskPolygons(mask, options));
    if (corners.length === 0) return [];
    const shares = corners.map((value, i) =>
      Number((value / (i % 2 === 0 ? width : height)).toFixed(DIGITS)),
    );
    return [`${[classOf(label), ...shares].join(' ')}\n`];
  });
  return lines.join('');
}

/** All outlines as one: each is entered at its first corner from the nearest corner so far, and left the same way. */
function joined(polygons: readonly MaskPolygon[]): readonly number[] {
  const [first = [], ...others] = polygons.flatMap(({ outer, holes }) => [outer, ...holes]);
  let all: readonly number[] = first;
  for (const ring of others) {
    const [x, y] = [ring[0] as number, ring[1] as number];
    let [nearest, least] = [0, Infinity];
    for (let i = 0; i < all.length; i += 2) {
      const away = ((all[i] as number) - x) ** 2 + ((all[i + 1] as number) - y) ** 2;
      if (away < least) [nearest, least] = [i, away];
    }
    all = [...all.slice(0, nearest + 2), ...ring, x, y, ...all.slice(nearest)];
  }
  return all;
}
