type Point = readonly [number, number];

/**
 * The centres of the pixels along an outline, for tools that fill an outline with its boundary.
 * @param corners - an outline of pixel edges round a part: interleaved x, y, clockwise on the screen
 * @returns column and row of the first and last pixel beside each edge, in turn, none twice in a row
 */
export function centreOutline(corners: readonly number[]): readonly Point[] {
  const points: Point[] = [];
  for (let i = 0; i < corners.length; i += 2) {
    const j = (i + 2) % corners.length;
    const [x0, y0, x1, y1] = [corners[i], corners[i + 1], corners[j], corners[j + 1]] as number[] as [
      number,
      number,
      number,
      number,
    ];
    for (const point of besideEdge(x0, y0, x1, y1)) {
      const last = points.at(-1);
      if (last?.[0] !== point[0] || last[1] !== point[1]) points.push(point);
    }
  }
  const [first] = points;
  const last = points.at(-1);
  if (points.length > 1 && first?.[0] === last?.[0] && first?.[1] === last?.[1]) points.pop();
  return points;
}

/** The first and the last pixel on the right of an edge. */
function besideEdge(x0: number, y0: number, x1: number, y1: number): readonly [Point, Point] {
  if (x1 > x0)
    return [
      [x0, y0],
      [x1 - 1, y0],
    ];
  if (x1 < x0)
    return [
      [x0 - 1, y0 - 1],
      [x1, y0 - 1],
    ];
  if (y1 > y0)
    return [
      [x0 - 1, y0],
      [x0 - 1, y1 - 1],
    ];
  return [
    [x0, y0 - 1],
    [x0, y1],
  ];
}
