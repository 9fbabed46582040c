export type { ReportCell, ReportColumn, ReportHead, ReportRow, ReportTruth } from './model.js';
export { openReport, type ReportMark, type ReportWriter } from './write-report.js';
export { viewResult, type ResultView, type ViewOptions } from './view-result.js';
export type { CellData, MapData, PointsData, SegmentData } from './client/data.js';
export { ClassColours } from './class-colours.js';
export { paintOverlay, OVERLAY_LIMIT, type OverlayOptions, type PictureFormat } from './overlay.js';
export { paintMap } from './map-picture.js';
export { meanAgreement, overlap, overlapFor, type Overlap } from './agreement.js';
export { countCell, cumulativeIou, emptyTotals, type ColumnTotals } from './totals.js';
export {
  refinementReport,
  type RefinementPage,
  type RefinementReport,
  type RefinementStep,
} from './refinement.js';
export { Html, markup } from './html.js';
export { type TurnChanges } from './changes.js';
export { linePlot, type PlotLine } from './plots/line-plot.js';
