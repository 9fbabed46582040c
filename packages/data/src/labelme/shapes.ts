import { encodeMask, type RleMask, type Size } from '@maskloom/core';
import { z } from 'zod';
import { decodePng } from '../files/png.js';
import { dataInvalid } from '../files/validate.js';
import { fillOutline } from '../reason/fill-outline.js';
import { fillEllipse } from './fill-ellipse.js';

const coordinate = z.number().min(-0x7fffffff).max(0x7fffffff);

/** A shape of a labelme record. */
export const shapeSchema = z.object({
  label: z.union([z.string().min(1), z.number().transform(String)]),
  points: z.array(z.tuple([coordinate, coordinate])),
  shape_type: z.string().nullish(),
  group_id: z.union([z.number(), z.string()]).nullish(),
  mask: z.string().nullish(),
});
/** A shape of a labelme record. */
export type Shape = z.output<typeof shapeSchema>;

/** Kinds of shapes without an area: they say where something is, not what its pixels are. */
const WITHOUT_AREA: readonly string[] = ['point', 'points', 'line', 'linestrip'];

/**
 * The pixels of a shape at the picture's size, or nothing where its kind has no area. Polygons and rectangles are filled as
 * OpenCV does, circles as Pillow does, masks are pictures laid at their box.
 * @throws MaskloomError `DATA_INVALID` naming the field
 */
export function maskOfShape(
  shape: Shape,
  { width, height }: Size,
  file: string,
  field: string,
): RleMask | undefined {
  const kind = shape.shape_type ?? 'polygon';
  if (WITHOUT_AREA.includes(kind)) return undefined;
  const [from, to] = shape.points;
  const encode = (pixels: Uint8Array): RleMask => encodeMask(pixels, width, height);
  if (kind === 'polygon' && shape.points.length > 0) return encode(fillOutline(shape.points, width, height));
  if (from !== undefined && to !== undefined) {
    if (kind === 'rectangle')
      return encode(fillOutline([from, [to[0], from[1]], to, [from[0], to[1]]], width, height));
    if (kind === 'circle') return encode(fillEllipse(boxOfCircle(from, to, file, field), width, height));
    if (kind === 'mask') return encode(pasted(shape, from, { width, height }, file, field));
  }
  throw dataInvalid(
    file,
    `${field}.shape_type`,
    `'${kind}' with ${shape.points.length} points has no area that can be filled`,
  );
}

/** The box of a circle through `to` around `from`, its corners cut to integers as Pillow does. */
function boxOfCircle(
  [cx, cy]: readonly [number, number],
  [x, y]: readonly [number, number],
  file: string,
  field: string,
): readonly [number, number, number, number] {
  const radius = Math.hypot(x - cx, y - cy);
  if (radius > 1 << 20)
    throw dataInvalid(file, `${field}.points`, `the circle has a radius of ${radius} pixels`);
  const [left, top, right, bottom] = [cx - radius, cy - radius, cx + radius, cy + radius].map(Math.trunc);
  return [left ?? 0, top ?? 0, right ?? 0, bottom ?? 0];
}

/** A mask shape: a small PNG, not zero where set, laid with its corner at the first point. */
function pasted(
  { mask }: Shape,
  [left, top]: readonly [number, number],
  { width, height }: Size,
  file: string,
  field: string,
): Uint8Array {
  if (!mask) throw dataInvalid(file, `${field}.mask`, 'there is no picture of the mask');
  const png = decodePng(Buffer.from(mask, 'base64'), `${file}: ${field}.mask`);
  const pixels = new Uint8Array(width * height);
  const [x0, y0] = [Math.trunc(left), Math.trunc(top)];
  for (let y = Math.max(0, -y0); y < Math.min(png.height, height - y0); y++)
    for (let x = Math.max(0, -x0); x < Math.min(png.width, width - x0); x++)
      if (png.samples[(y * png.width + x) * png.channels] !== 0) pixels[(y + y0) * width + x + x0] = 1;
  return pixels;
}
