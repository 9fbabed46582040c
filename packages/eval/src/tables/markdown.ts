import { markdownTable } from 'markdown-table';
import { cellText, columnHead, factLines, marks } from './text.js';
import type { Table } from './table.js';

/** A table in GitHub's Markdown. */
export function tableMarkdown(table: Table): string {
  const head = ['', ...table.columns.map(columnHead)];
  const rows = table.rows.map((row, i) => [`${row.label}${marks(row, i)}`, ...row.cells.map(cellText)]);
  return [
    `### ${escaped(table.title)} (${table.id})`,
    '',
    markdownTable(
      [head, ...rows].map((line) => line.map(escaped)),
      { alignDelimiters: false },
    ),
    '',
    ...factLines(table).map((fact) => `- ${escaped(fact)}`),
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll(/[\\|<>*_`[\]]/g, (mark) => `\\${mark}`).replaceAll('\n', ' ');
}
