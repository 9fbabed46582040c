import type { ScoreMap } from '@maskloom/core';
import { mapColour } from './client/palette.js';
import { quantiseMap } from './map-data.js';

/** Bytes before the pixels of a Windows bitmap of 24 bits. */
const HEADER = 54;

/**
 * A score map as a tiny picture, one pixel a cell (viridis between its lowest and highest value), for a page that loads
 * nothing: a `data:` URI of a Windows bitmap, which every browser shows.
 */
export function mapThumbnail(map: ScoreMap): string {
  const { rows, columns, bytes } = quantiseMap(map);
  const stride = Math.ceil((3 * columns) / 4) * 4;
  const file = Buffer.alloc(HEADER + stride * rows);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(HEADER, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(columns, 18);
  file.writeInt32LE(rows, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [red, green, blue] = mapColour((bytes[row * columns + column] ?? 0) / 255);
      // Bottom row first, blue first.
      const at = HEADER + (rows - 1 - row) * stride + 3 * column;
      file.set([blue, green, red].map(Math.round), at);
    }
  }
  return `data:image/bmp;base64,${file.toString('base64')}`;
}
