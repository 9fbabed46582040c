// Markdown tables of figures.

/** Rows as a table, the first is its head. */
export function table([head, ...rows]) {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** A figure with its interval, or a dash. */
export function cell(figure, wide = true) {
  if (figure === undefined) return '—';
  const { value, interval } = figure;
  return interval === undefined || interval.length === 0 || !wide
    ? value.toFixed(3)
    : `${value.toFixed(3)} [${interval.map((edge) => edge.toFixed(3)).join(', ')}]`;
}
