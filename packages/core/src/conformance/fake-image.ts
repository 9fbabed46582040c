import { createHash } from 'node:crypto';
import type { ImageFrame } from '../domain/image-frame.js';

/**
 * A deterministic image: two flat regions and a bright disc, so that encoders have something to see.
 * @param width - pixels
 * @param height - pixels
 * @param seed - other seeds give other colours
 */
export function fakeImage(width: number, height: number, seed = 0): ImageFrame {
  const rgb = new Uint8Array(width * height * 3);
  const radius = Math.min(width, height) / 4;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = (x - width / 3) ** 2 + (y - height / 2) ** 2 < radius ** 2;
      const colour = inside
        ? [230, 40 + seed, 60]
        : x + y < (width + height) / 2
          ? [30, 90, 160 - seed]
          : [200, 200, 120];
      rgb.set(colour, (y * width + x) * 3);
    }
  }
  return {
    width,
    height,
    rgb,
    sha256: createHash('sha256').update(rgb).update(`${width}x${height}`).digest('hex'),
  };
}
