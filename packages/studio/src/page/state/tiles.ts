import type { Detail } from '@maskloom/report/viewer';
import type { Api } from './api.js';
import type { OpenPicture } from './model.js';

/** Side of a tile in pixels of the picture. */
const SIDE = 512;

/** Tiles kept: a megabyte each. */
const KEPT = 64;

/** Tiles fetched at a time; of those that wait the newest comes first, and the oldest of more than this are forgotten. */
const [AT_ONCE, WAITING] = [3, 24];

/**
 * A picture's own pixels, fetched where it is looked at closely; nothing for one that is shown with all of them anyway.
 * @param came - told when a tile has come
 */
export function tilesOf(api: Api, picture: OpenPicture, came: () => void): Detail | undefined {
  const { id, size, bitmap } = picture;
  const [height, width] = size;
  if (bitmap.width >= width) return undefined;
  /** The order is that of use. */
  const tiles = new Map<string, ImageBitmap>();
  const waiting: string[] = [];
  const under = new Set<string>();
  const fetchTile = async (key: string): Promise<void> => {
    const [column = 0, row = 0] = key.split(' ').map(Number);
    const [left, top] = [column * SIDE, row * SIDE];
    const part = `${left},${top},${Math.min(SIDE, width - left)},${Math.min(SIDE, height - top)}`;
    const { blob } = await api.blob(`/api/pictures/${encodeURIComponent(id)}/pixels?part=${part}`);
    tiles.set(key, await createImageBitmap(blob));
    for (const [old, tile] of [...tiles].slice(0, -KEPT)) {
      tile.close();
      tiles.delete(old);
    }
    came();
  };
  const next = (): void => {
    while (under.size < AT_ONCE) {
      const key = waiting.pop();
      if (key === undefined) return;
      under.add(key);
      // One that does not come is asked for again when it is looked at again.
      void fetchTile(key)
        .catch(() => undefined)
        .finally(() => {
          under.delete(key);
          next();
        });
    }
  };
  return {
    side: SIDE,
    tile(column, row) {
      const key = `${column} ${row}`;
      const known = tiles.get(key);
      if (known !== undefined) {
        tiles.delete(key);
        tiles.set(key, known);
      } else if (!under.has(key) && !waiting.includes(key)) {
        waiting.push(key);
        if (waiting.length > WAITING) waiting.shift();
        next();
      }
      return known;
    },
  };
}
