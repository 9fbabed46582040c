export { tableCsv } from './csv.js';
export { fillTable, type FillOptions } from './fill-table.js';
export { subjectOf } from './look-up.js';
export { tableText } from './text.js';
export {
  TABLE_SCHEMA,
  type CellState,
  type Table,
  type TableBootstrap,
  type TableCell,
  type TableColumn,
  type TableComparison,
  type TablePart,
  type TableRow,
  type TableWeights,
} from './table.js';
export { tableHtml } from './html.js';
export { tableLatex } from './latex.js';
export { tableMarkdown } from './markdown.js';
export { diffRuns, type FigureDifference, type RunDifference } from './diff-runs.js';
