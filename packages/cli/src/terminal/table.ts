import { visible } from '@maskloom/masks';

/**
 * Lines up rows of text in columns.
 * @param given - the first is the head; control characters in cells are shown
 * @param right - indices of the columns that line up on the right
 */
export function formatTable(given: readonly (readonly string[])[], right: readonly number[] = []): string {
  const rows = given.map((row) => row.map((cell) => visible(cell)));
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, c) =>
    Math.max(0, ...rows.map((row) => row[c]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, c) => (right.includes(c) ? cell.padStart(widths[c] ?? 0) : cell.padEnd(widths[c] ?? 0)))
      .join('  ')
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
}
