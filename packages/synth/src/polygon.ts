/** A closed outline through pixel centres, [x, y] each; filling it with its boundary gives the pixels back. */
export type Polygon = readonly (readonly [number, number])[];

interface Grid {
  /** Row-major 0/1 with a border of zeros one pixel wide. */
  readonly cells: Uint8Array;
  readonly columns: number;
  readonly rows: number;
  /** Place of cell (0, 0) in the picture. */
  readonly x: number;
  readonly y: number;
}

/**
 * Outlines of a segment, one per connected part (8-neighbourhood). A part with a hole is cut at the hole's column, so
 * that plain polygons suffice: filled with their boundary and joined they give the segment exactly.
 * @param labels - row-major segment ids of a picture `width` pixels wide
 * @param bbox - [x, y, width, height] of the segment
 */
export function tracePolygons(
  labels: Uint8Array,
  width: number,
  id: number,
  bbox: readonly [number, number, number, number],
): Polygon[] {
  const [left, top, w, h] = bbox;
  const grid: Grid = {
    cells: new Uint8Array((w + 2) * (h + 2)),
    columns: w + 2,
    rows: h + 2,
    x: left - 1,
    y: top - 1,
  };
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      if (labels[(top + y) * width + left + x] === id) grid.cells[(y + 1) * grid.columns + x + 1] = 1;
    }
  }
  const found: Polygon[] = [];
  const queue: Grid[] = [grid];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const part of components(next)) {
      const hole = holeColumn(part);
      if (hole < 0) found.push(outline(part));
      else queue.push(keepColumns(part, 0, hole), keepColumns(part, hole + 1, part.columns - 1));
    }
  }
  return found;
}

function components(grid: Grid): Grid[] {
  const { columns } = grid;
  const left = grid.cells.slice();
  const parts: Grid[] = [];
  const steps = [1, -1, columns, -columns, columns + 1, columns - 1, 1 - columns, -1 - columns];
  for (let start = 0; start < left.length; start++) {
    if (left[start] === 0) continue;
    const members = [start];
    left[start] = 0;
    for (let i = 0; i < members.length; i++) {
      for (const step of steps) {
        const next = (members[i] as number) + step;
        if (left[next] === 1) {
          left[next] = 0;
          members.push(next);
        }
      }
    }
    parts.push(crop(grid, members));
  }
  return parts;
}

/** A grid just large enough for some cells of another. */
function crop({ columns, x, y }: Grid, members: readonly number[]): Grid {
  let first = columns;
  let last = 0;
  let top = Infinity;
  let bottom = 0;
  for (const at of members) {
    const column = at % columns;
    const row = (at - column) / columns;
    if (column < first) first = column;
    if (column > last) last = column;
    if (row < top) top = row;
    if (row > bottom) bottom = row;
  }
  const wide = last - first + 3;
  const cells = new Uint8Array(wide * (bottom - top + 3));
  for (const at of members) {
    const column = at % columns;
    cells[((at - column) / columns - top + 1) * wide + column - first + 1] = 1;
  }
  return { cells, columns: wide, rows: bottom - top + 3, x: x + first - 1, y: y + top - 1 };
}

/** The column of some pixel enclosed by the part, or -1. */
function holeColumn({ cells, columns }: Grid): number {
  const reached = cells.slice();
  const stack = [0];
  const steps = [1, -1, columns, -columns];
  reached[0] = 1;
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    for (const step of steps) {
      if (reached[at + step] === 0) {
        reached[at + step] = 1;
        stack.push(at + step);
      }
    }
  }
  const hole = reached.indexOf(0);
  return hole < 0 ? -1 : hole % columns;
}

function keepColumns({ cells, columns, rows, x, y }: Grid, first: number, last: number): Grid {
  return {
    cells: cells.map((value, at) => (at % columns >= first && at % columns <= last ? value : 0)),
    columns,
    rows,
    x,
    y,
  };
}

/** Follows the outer border clockwise through pixel centres (Moore neighbours), straight runs joined. */
function outline({ cells, columns, x, y }: Grid): Polygon {
  const steps = [1, columns + 1, columns, columns - 1, -1, -columns - 1, -columns, 1 - columns];
  const start = cells.indexOf(1);
  const points: [number, number][] = [];
  let at = start;
  let heading = 7; // came from the west: look up-right first
  let firstHeading = -1;
  for (;;) {
    let next = -1;
    for (let turn = 0; turn < 8; turn++) {
      const direction = (heading + turn) % 8;
      if (cells[at + (steps[direction] as number)] === 1) {
        next = direction;
        break;
      }
    }
    if (points.length > 0 && at === start && next === firstHeading) break;
    if (points.length === 0) firstHeading = next;
    points.push([(at % columns) + x, Math.floor(at / columns) + y]);
    if (next < 0) break; // a single pixel
    at += steps[next] as number;
    heading = (next + 6) % 8;
  }
  return points.filter((point, i) => {
    const before = points[(i + points.length - 1) % points.length] as [number, number];
    const after = points[(i + 1) % points.length] as [number, number];
    return (
      points.length < 3 ||
      (point[0] - before[0]) * (after[1] - point[1]) !== (point[1] - before[1]) * (after[0] - point[0]) ||
      (after[0] === before[0] && after[1] === before[1])
    );
  });
}
