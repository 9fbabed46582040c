import { createHash } from 'node:crypto';
import { decodeMask, maskArea, type Position, type RleMask } from '@maskloom/core';

/**
 * A pixel of a mask that is not empty, the same for the same name: drawn uniformly by the name's SHA-256.
 * @returns its column and row
 */
export function drawnPixel(mask: RleMask, name: string): Position {
  const draw = createHash('sha256').update(name).digest().readUInt32BE(0);
  const { pixels, width } = decodeMask(mask);
  let left = draw % Math.max(1, maskArea(mask));
  const place = pixels.findIndex((value) => value === 1 && left-- === 0);
  return { x: place % width, y: Math.floor(place / width) };
}
