/** Pixels whose centres lie inside outlines by the even-odd rule, row-major. */
export function fillEvenOdd(
  loops: readonly (readonly number[])[],
  width: number,
  height: number,
): Uint8Array {
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let count = 0;
      for (const loop of loops) count += crossings(loop, x + 0.5, y + 0.5);
      pixels[y * width + x] = count % 2;
    }
  }
  return pixels;
}

/** Edges crossed by a ray to the right. */
function crossings(loop: readonly number[], x: number, y: number): number {
  let count = 0;
  for (let i = 0; i < loop.length; i += 2) {
    const j = (i + 2) % loop.length;
    const [ax, ay, bx, by] = [loop[i], loop[i + 1], loop[j], loop[j + 1]] as [number, number, number, number];
    if (ay > y !== by > y && x < ax + ((y - ay) * (bx - ax)) / (by - ay)) count++;
  }
  return count;
}
