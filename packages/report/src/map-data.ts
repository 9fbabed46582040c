import type { ScoreMap } from '@maskloom/core';

/** A score map as bytes between its minimum and maximum. */
export interface QuantisedMap {
  /** Rows of the map, at most {@link MAP_LIMIT}. */
  readonly rows: number;
  /** Columns of the map, at most {@link MAP_LIMIT}. */
  readonly columns: number;
  /** Row-major, rows * columns values; 0 = minimum, 255 = maximum; all 0 for a flat map. */
  readonly bytes: Uint8Array;
}

/** Rows and columns kept of a larger map. */
export const MAP_LIMIT = 96;

/** Scales a map to bytes; a larger one is thinned to {@link MAP_LIMIT} rows and columns. */
export function quantiseMap(map: ScoreMap): QuantisedMap {
  const rows = Math.min(map.rows, MAP_LIMIT);
  const columns = Math.min(map.columns, MAP_LIMIT);
  let low = Infinity;
  let high = -Infinity;
  for (const value of map.values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = high > low ? 255 / (high - low) : 0;
  const bytes = new Uint8Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const y = Math.floor(((r + 0.5) * map.rows) / rows);
    for (let c = 0; c < columns; c++) {
      const x = Math.floor(((c + 0.5) * map.columns) / columns);
      bytes[r * columns + c] = Math.round(((map.values[y * map.columns + x] ?? low) - low) * scale);
    }
  }
  return { rows, columns, bytes };
}
