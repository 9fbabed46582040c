export { buildRunReport, type RunReportOptions } from './build-run-report.js';
