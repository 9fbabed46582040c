import simplify from 'simplify-js';

/**
 * A closed outline with fewer corners (Douglas and Peucker 1973): every corner that is left out lies within `tolerance` of what
 * is kept. It is cut at its first corner and at the one farthest from it, which both stay.
 * @param ring - interleaved x, y, the first corner not repeated
 * @returns likewise; the ring itself where less than a triangle would be left
 */
export function simplifyRing(ring: readonly number[], tolerance: number): readonly number[] {
  const points = Array.from({ length: ring.length / 2 }, (_, i) => ({
    x: ring[2 * i] as number,
    y: ring[2 * i + 1] as number,
  }));
  const [first] = points;
  if (first === undefined) return ring;
  const away = points.map(({ x, y }) => Math.hypot(x - first.x, y - first.y));
  const far = away.indexOf(away.reduce((most, one) => Math.max(most, one), 0));
  const there = simplify(points.slice(0, far + 1), tolerance, true);
  const back = simplify([...points.slice(far), first], tolerance, true);
  const kept = [...there.slice(0, -1), ...back.slice(0, -1)];
  return kept.length < 3 ? ring : kept.flatMap(({ x, y }) => [x, y]);
}
