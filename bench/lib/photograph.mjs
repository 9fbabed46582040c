// A made-up photograph: smooth light, edges and noise, at a camera's size.
import { createHash } from 'node:crypto';
import { generator } from './mask-data.mjs';

/** @returns an image frame, RGB, 8 bits */
export function photograph(width = 4000, height = 3000, seed = 6) {
  const draw = generator(seed);
  const noise = Uint8Array.from({ length: 1 << 16 }, () => 24 * draw());
  const rgb = new Uint8Array(width * height * 3);
  const [sine, cosine] = [width, height].map((length) =>
    Float32Array.from({ length }, (_, i) => 60 * Math.sin((9 * i) / length)),
  );
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const light = 110 + sine[x] + cosine[y] * (((x >> 8) + (y >> 8)) & 1 ? 1 : 0.2);
      for (let channel = 0; channel < 3; channel++, at++)
        rgb[at] = light + 8 * channel + noise[(at * 40503 + y * 7919) & 0xffff];
    }
  }
  return { rgb, width, height, sha256: createHash('sha256').update(rgb).digest('hex') };
}
