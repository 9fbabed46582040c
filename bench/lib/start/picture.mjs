/** A made picture of 128 x 128 pixels in memory. */
export function picture() {
  const rgb = Uint8Array.from({ length: 3 * 128 * 128 }, (_, at) => (at * 37) % 256);
  return { rgb, width: 128, height: 128, sha256: 'made for the benchmark of starts' };
}

/** What is clicked on: x and y in pixels. */
export const POINT = [40, 50];
