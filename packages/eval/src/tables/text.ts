import type { CellState, Table, TableCell, TableRow } from './table.js';

/** A table as lines of text: measured figure and interval, the paper's figure beside. */
export function tableText(table: Table): string {
  const head = ['', ...table.columns.map(columnHead)];
  const lines = table.rows.map((row, i) => [
    `${row.label}${marks(row, i)}`,
    ...row.cells.map((cell) => cellText(cell)),
  ]);
  const widths = head.map((_, c) => Math.max(...[head, ...lines].map((line) => line[c]?.length ?? 0)));
  const show = (line: readonly string[]): string =>
    line
      .map((cell, c) => cell.padEnd(widths[c] ?? 0))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return `${[`${table.id}: ${table.title}`, '', show(head), rule, ...lines.map(show), '', ...factLines(table)].join('\n')}\n`;
}

/** A column's head with its unit and marks. */
export function columnHead({ label, unit, oracle, standsFor }: Table['columns'][number]): string {
  return `${label}${unit === '%' ? '' : ` (${unit})`}${oracle ? ' [oracle]' : ''}${standsFor === undefined ? '' : ` {${standsFor}}`}`;
}

/** `12.3 [10.0, 14.6] (paper 11.8)`, or why there is no figure. */
export function cellText(cell: TableCell): string {
  const paper = cell.paper === null ? '' : `(paper ${printedFigure(cell.paper)})`;
  return [measuredText(cell), paper].filter((part) => part !== '').join(' ') || '-';
}

/** The measured figure with its interval, or why there is none; '' for lines of the paper. */
export function measuredText({ state, measured, interval, images }: TableCell): string {
  if (state === 'paper only') return '';
  if (measured === null) return STATE_WORDS[state];
  const range = interval === null ? '' : ` [${figure(interval[0])}, ${figure(interval[1])}]`;
  const on = onImages(state, images);
  return `${figure(measured)}${range}${on === '' ? '' : ` ${on}`}`;
}

/** Why a cell has no figure, in words. */
export const STATE_WORDS: Readonly<Record<CellState, string>> = {
  measured: 'measured',
  partial: 'measured in part',
  'no weights': 'no weights',
  'no data': 'no data',
  cannot: 'not its task',
  'paper only': '',
  failed: 'failed',
  'not computed': 'not computed yet',
  'nothing counted': 'nothing to count',
};

/** What is to be said of the images behind a figure: that some are lacking, or that there is but one. */
export function onImages(state: CellState, images: number): string {
  if (images === 1) return 'on one image';
  return state === 'partial' ? `on ${images} images` : '';
}

/** A figure with one digit. */
export function figure(value: number): string {
  return value.toFixed(1);
}

/** A paper's figure, one digit at least. */
export function printedFigure(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** ` [oracle]`, ` [untrained]` and the number of the row's remarks. */
export function marks({ oracle, untrained, remarks }: TableRow, index: number): string {
  return `${oracle ? ' [oracle]' : ''}${untrained ? ' [untrained]' : ''}${remarks.length > 0 ? ` (${index + 1})` : ''}`;
}

/** Everything that stands under a table, one line each. */
export function factLines(table: Table): readonly string[] {
  const { rows, data, switches, bootstrap, devices } = table;
  const on = Object.entries(switches).map(([name, value]) => `${name}=${String(value)}`);
  return [
    ...rows.flatMap(({ remarks, label }, i) =>
      remarks.length === 0 ? [] : [`(${i + 1}) ${label}: ${remarks.join('; ')}`],
    ),
    ...table.notes,
    ...comparisonLines(table),
    `Measured figure, ${100 * bootstrap.level} % interval (bootstrap over images, ${bootstrap.draws} draws, seed ${bootstrap.seed})${table.paper === undefined ? '.' : `; in brackets the figure printed in ${table.paper}.`}`,
    ...(rows.some(({ cells }) => cells.some(({ images, measured }) => images === 1 && measured !== null))
      ? ['A figure on one image has no interval: there is nothing to draw from.']
      : []),
    ...data.map(
      ({ part, source, images, skipped }) =>
        `Data ${part}: ${images === 1 ? 'one image' : `${images} images`}${skipped === undefined ? '' : `, ${skipped} records left out`} (${Object.entries(
          source,
        )
          .map(([name, value]) => `${name} ${value}`)
          .join(', ')})`,
    ),
    `Weights: ${weightsLine(rows)}`,
    `Switches: ${on.join(', ')}`,
    `Devices: ${devices.join(', ') || 'none'}`,
    `Command: ${table.command}`,
  ];
}

/** Entries with their bundles and hashes, each once: `read/full of tiny 0.1.0 (0123456789ab)`. */
function weightsLine(rows: readonly TableRow[]): string {
  const shown = rows.flatMap(({ weights }) =>
    weights === undefined ? [] : [`${weights.entry} of ${weights.bundle} (${weights.hash})`],
  );
  return [...new Set(shown)].join('; ') || 'none';
}

/** Differences to the reference row, one line per column. */
function comparisonLines({ columns, comparisons }: Table): readonly string[] {
  const lines = columns.map(({ label }) => {
    const shown = comparisons.filter(({ column, difference }) => column === label && difference !== null);
    if (shown.length === 0) return '';
    const parts = shown.map(({ row, difference, interval, p }) => {
      const range = interval === null ? '' : ` [${figure(interval[0])}, ${figure(interval[1])}]`;
      return `${row} ${figure(difference ?? 0)}${range}${p === null ? '' : ` p ${p.toFixed(3)}`}`;
    });
    return `${label}, difference to '${shown[0]?.reference ?? ''}' on the same images: ${parts.join('; ')}`;
  });
  return lines.filter((line) => line !== '');
}
