export type { ReportCell, ReportColumn, ReportHead, ReportRow, ReportTruth } from './model.js';
export { openReport, type ReportWriter } from './write-report.js';
export { paintOverlay, OVERLAY_LIMIT } from './overlay.js';
export { paintMap } from './map-picture.js';
export { cumulativeIou, type ColumnTotals } from './totals.js';
