import { cellText, columnHead, factLines, marks } from './text.js';
import type { Table } from './table.js';

/** A table in GitHub's Markdown. */
export function tableMarkdown(table: Table): string {
  const head = ['', ...table.columns.map(columnHead)];
  const rows = table.rows.map((row, i) => [`${row.label}${marks(row, i)}`, ...row.cells.map(cellText)]);
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  return [
    `### ${escaped(table.title)} (${table.id})`,
    '',
    line(head),
    line(head.map(() => '---')).replaceAll('\\-', '-'),
    ...rows.map(line),
    '',
    ...factLines(table).map((fact) => `- ${escaped(fact)}`),
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll(/[\\|<>*_`[\]]/g, (mark) => `\\${mark}`).replaceAll('\n', ' ');
}
