import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIT, pan, place, zoomAt } from './client/viewport.js';

describe('viewport', () => {
  it('fits a wide image into a square cell with bars above and below', () => {
    expect(place(FIT, [200, 100], [100, 100])).toEqual({ scale: 0.5, left: 0, top: 25 });
  });

  it('keeps the point under the pointer in place while zooming in, away from the borders', () => {
    const before = place(FIT, [100, 100], [200, 200]);
    const view = zoomAt(FIT, 2, [90, 110], [100, 100], [200, 200]);
    const after = place(view, [100, 100], [200, 200]);
    expect((90 - after.left) / after.scale).toBeCloseTo((90 - before.left) / before.scale, 9);
    expect((110 - after.top) / after.scale).toBeCloseTo((110 - before.top) / before.scale, 9);
  });

  it('never shows more outside of the image than the fit does', () => {
    const step = fc.oneof(
      fc.record({
        factor: fc.double({ min: 0.2, max: 5, noNaN: true }),
        x: fc.integer({ min: 0, max: 200 }),
        y: fc.integer({ min: 0, max: 200 }),
      }),
      fc.record({ dx: fc.integer({ min: -500, max: 500 }), dy: fc.integer({ min: -500, max: 500 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let view = FIT;
        for (const s of steps) {
          view =
            'factor' in s
              ? zoomAt(view, s.factor, [s.x, s.y], [100, 100], [200, 200])
              : pan(view, s.dx, s.dy, [100, 100], [200, 200]);
        }
        const at = place(view, [100, 100], [200, 200]);
        expect(at.left).toBeLessThanOrEqual(1e-9);
        expect(at.left + 100 * at.scale).toBeGreaterThanOrEqual(200 - 1e-9);
      }),
    );
  });

  it('goes back to the fit when zoomed out', () => {
    expect(zoomAt({ zoom: 4, x: 0.3, y: 0.6 }, 0.1, [10, 10], [100, 100], [200, 200])).toEqual(FIT);
  });
});
