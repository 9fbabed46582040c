import { stringify } from 'csv-stringify/sync';
import type { Table } from './table.js';

/**
 * A table as CSV (RFC 4180), one line per cell, so that every figure has its own field. Numbers as in the JSON form, empty
 * where there is none.
 */
export function tableCsv(table: Table): string {
  const head = [
    'table',
    'row',
    'recipe',
    'oracle',
    'untrained',
    'column',
    'unit',
    'state',
    'measured',
    'low',
    'high',
    'paper',
    'images',
    'n',
    'bundle',
    'weights',
    'stands for',
    'remarks',
    'command',
  ];
  const lines = table.rows.flatMap((row) =>
    row.cells.map((cell, c) => {
      const column = table.columns[c];
      return [
        table.id,
        row.label,
        row.recipe ?? '',
        String(row.oracle || column?.oracle === true),
        String(row.untrained),
        column?.label ?? '',
        column?.unit ?? '',
        cell.state,
        cell.measured ?? '',
        cell.interval?.[0] ?? '',
        cell.interval?.[1] ?? '',
        cell.paper ?? '',
        cell.images,
        cell.n,
        row.weights?.bundle ?? '',
        row.weights?.hash ?? '',
        column?.standsFor ?? '',
        row.remarks.join('; '),
        table.command,
      ];
    }),
  );
  return stringify([head, ...lines], { record_delimiter: 'windows' });
}
