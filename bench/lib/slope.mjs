/**
 * How a cost grows: the slope of log(cost) on log(size), both counted from the smallest size, so that what every run costs
 * falls out; exactly 1 where a cost is a + b * size, whatever a. It is the line of least squares through those of the last
 * three sizes that cost more than noise.
 * @param sizes - ascending, four at least
 * @param costs - one a size
 * @param noise - what two runs of the same differ by
 * @returns nothing where even the largest size costs no more than that; `least` where it alone does: then the slope is at least
 * what it is from the noise at the size before
 */
export function slopeOf(sizes, costs, noise) {
  const points = sizes
    .map((size, i) => ({ size: size - sizes[0], cost: costs[i] - costs[0] }))
    .slice(1)
    .slice(-3);
  const seen = points.filter(({ cost }) => cost > noise);
  if (points.at(-1).cost <= noise) return undefined;
  if (seen.length > 1) return { slope: lineThrough(seen), least: false };
  return { slope: lineThrough([{ ...points.at(-2), cost: noise }, points.at(-1)]), least: true };
}

function lineThrough(points) {
  const logs = points.map(({ size, cost }) => [Math.log(size), Math.log(cost)]);
  const mean = (at) => logs.reduce((sum, point) => sum + point[at], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const sum = (term) => logs.reduce((total, point) => total + term(point[0] - x, point[1] - y), 0);
  return sum((dx, dy) => dx * dy) / sum((dx) => dx * dx);
}
