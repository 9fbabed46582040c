import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fillOutline } from './fill-outline.js';

interface Outline {
  readonly points: [number, number][];
  readonly width: number;
  readonly height: number;
  readonly runs: readonly number[];
}
/** Made by training/golden/make_label_golden.py with OpenCV 4.8. */
const { polygons } = JSON.parse(
  readFileSync(new URL('../../fixtures/labels.json', import.meta.url), 'utf8'),
) as { polygons: Outline[] };

function runsOf(pixels: Uint8Array): number[] {
  const runs: number[] = [];
  let value = 0;
  let run = 0;
  for (const pixel of pixels) {
    if (pixel !== value) {
      runs.push(run);
      value = pixel;
      run = 0;
    }
    run++;
  }
  return [...runs, run];
}

describe('a filled outline', () => {
  it('has the pixels of OpenCV: simple, crossing itself, thin, and leaving the image', () => {
    expect(polygons.length).toBeGreaterThan(100);
    for (const { points, width, height, runs } of polygons) {
      const found = runsOf(fillOutline(points, width, height));
      // numpy's last run is left out where it is empty
      expect(
        found.filter((r, i) => r > 0 || i === 0),
        JSON.stringify(points),
      ).toEqual(runs.filter((r, i) => r > 0 || i === 0));
    }
  });

  it('of points as far as 32 bits reach takes no longer than its image', () => {
    const far = 2 ** 31 - 1;
    const started = performance.now();
    expect(
      fillOutline(
        [
          [-far, -far],
          [far, -far],
          [far, far],
          [-far, far],
        ],
        30,
        20,
      ).every((v) => v === 1),
    ).toBe(true);
    for (let i = 0; i < 200; i++)
      fillOutline(
        [
          [far, -far + i],
          [-far, far],
          [i, -far],
        ],
        30,
        20,
      );
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
