// Seeded logits as a mask decoder gives them: blobs with wobbly outlines of all sizes, several nearly alike of each.
import { generator } from './mask-data.mjs';

/** Cells along each side of a mask. */
export const CELLS = 256;

/**
 * Decoded masks of an image of `image`'s size, best first, with their scores.
 * @param alike - masks of each object
 */
export function decodedBlobs(count, image, alike = 1, seed = 4) {
  const draw = generator(seed);
  const scale = 1024 / Math.max(image.width, image.height);
  const resized = { width: Math.round(image.width * scale), height: Math.round(image.height * scale) };
  const logits = new Float32Array(count * CELLS * CELLS);
  const [across, down] = [(CELLS * resized.width) / 1024, (CELLS * resized.height) / 1024];
  let object;
  for (let n = 0; n < count; n++) {
    if (n % alike === 0)
      object = {
        x: draw() * across,
        y: draw() * down,
        radius: 6 * 2 ** (3.5 * draw()),
        lobes: 2 + Math.floor(6 * draw()),
      };
    const wobble = 0.1 + 0.3 * draw();
    const [x0, y0] = [object.x + 3 * (draw() - 0.5), object.y + 3 * (draw() - 0.5)];
    const radius = object.radius * (0.85 + 0.3 * draw());
    for (let y = 0, at = n * CELLS * CELLS; y < CELLS; y++) {
      for (let x = 0; x < CELLS; x++, at++) {
        const angle = Math.atan2(y - y0, x - x0);
        const edge = radius * (1 + wobble * Math.sin(object.lobes * angle));
        logits[at] =
          Math.max(-20, Math.min(20, 0.8 * (edge - Math.hypot(x - x0, y - y0)))) +
          0.3 * Math.sin(x / 7 + y / 5 + n);
      }
    }
  }
  return {
    logits,
    count,
    width: CELLS,
    height: CELLS,
    quality: Float32Array.from({ length: count }, (_, n) => 0.99 - (0.5 * n) / count),
    transform: {
      frame: 'SamPx',
      original: image,
      resized,
      input: { width: 1024, height: 1024 },
      scaleX: scale,
      scaleY: scale,
      offsetX: 0,
      offsetY: 0,
    },
  };
}
