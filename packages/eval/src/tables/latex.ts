import { columnHead, factLines, figure, marks, onImages, printedFigure, STATE_WORDS } from './text.js';
import type { Table, TableCell } from './table.js';

/** A table for LaTeX with the package booktabs; the paper's figures in grey need xcolor. */
export function tableLatex(table: Table): string {
  const columns = table.columns.map((column) => escaped(columnHead(column)));
  const rows = table.rows.map((row, i) =>
    [escaped(`${row.label}${marks(row, i)}`), ...row.cells.map(cell)].join(' & '),
  );
  return [
    `% ${table.command}`,
    ...factLines(table).map((fact) => `% ${fact.replaceAll('\n', ' ')}`),
    '\\begin{table}',
    '\\centering',
    `\\caption{${escaped(table.title)}. Measured, 95\\,\\% interval; in grey the paper's figure.}`,
    `\\label{tab:${table.id.replace('/', '-')}}`,
    `\\begin{tabular}{l${'c'.repeat(columns.length)}}`,
    '\\toprule',
    `${['', ...columns].join(' & ')} \\\\`,
    '\\midrule',
    ...rows.map((row) => `${row} \\\\`),
    '\\bottomrule',
    '\\end{tabular}',
    '\\end{table}',
    '',
  ].join('\n');
}

function cell({ state, measured, interval, paper, images }: TableCell): string {
  const parts: string[] = [];
  if (measured !== null) {
    parts.push(figure(measured));
    if (interval !== null) parts.push(`{\\scriptsize [${figure(interval[0])}, ${figure(interval[1])}]}`);
    const on = onImages(state, images);
    if (on !== '') parts.push(`{\\scriptsize ${on}}`);
  } else if (state !== 'paper only') parts.push(`{\\scriptsize ${STATE_WORDS[state]}}`);
  if (paper !== null) parts.push(`\\textcolor{gray}{${printedFigure(paper)}}`);
  return parts.join(' ') || '--';
}

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
};

function escaped(text: string): string {
  return text.replaceAll(/[\\~^<>|&%$#_{}]/g, (mark) => SPECIAL[mark] ?? `\\${mark}`);
}
