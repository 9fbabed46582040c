import { encodeMask, type RleMask } from '@maskloom/masks';
import type { Stroke } from './model.js';

/**
 * Regions drawn by hand as one mask of the picture's size.
 * @param size - height and width
 * @returns nothing when nothing was drawn
 */
export function maskOfStrokes(
  strokes: readonly Stroke[],
  [height, width]: readonly [number, number],
): RleMask | undefined {
  if (strokes.length === 0) return undefined;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) return undefined;
  context.lineJoin = context.lineCap = 'round';
  for (const { brush, xy } of strokes) {
    context.beginPath();
    // A point names a pixel's centre; the canvas counts from its corner.
    for (let i = 0; i < xy.length; i += 2) context.lineTo((xy[i] ?? 0) + 0.5, (xy[i + 1] ?? 0) + 0.5);
    if (brush === undefined) context.fill('evenodd');
    else {
      context.lineWidth = brush;
      context.stroke();
    }
  }
  const { data } = context.getImageData(0, 0, width, height);
  const inside = new Uint8Array(width * height);
  for (let i = 0; i < inside.length; i++) inside[i] = (data[4 * i + 3] ?? 0) > 127 ? 1 : 0;
  return encodeMask(inside, width, height);
}
