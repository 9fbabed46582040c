/** COCO's rules of counting (`Params.setDetParams`), with numbers equal to NumPy's to the bit. */

/** IoU thresholds: `numpy.linspace(0.5, 0.95, 10)`. */
export const IOU_THRESHOLDS: readonly number[] = Array.from({ length: 10 }, (_, i) =>
  i === 9 ? 0.95 : i * ((0.95 - 0.5) / 9) + 0.5,
);

/** Recalls at which precision is read: `numpy.linspace(0, 1, 101)`. */
export const RECALLS: readonly number[] = Array.from({ length: 101 }, (_, i) => (i === 100 ? 1 : i * 0.01));

/** Object sizes in pixels of area, both ends inclusive. */
export const AREAS = [
  { name: 'all', low: 0, high: 1e5 ** 2 },
  { name: 'small', low: 0, high: 32 ** 2 },
  { name: 'medium', low: 32 ** 2, high: 96 ** 2 },
  { name: 'large', low: 96 ** 2, high: 1e5 ** 2 },
] as const;

/** Bits of one detection's outcome: matched at threshold t in bit t, not counted at it in bit T + t. */
export const OUTCOME_BITS = IOU_THRESHOLDS.length;

/** NumPy's `spacing(1)`, which keeps the precision of no detections from being 0 / 0. */
export const SPACING = 2 ** -52;
