export { subjectLabels } from './subject-labels.js';
export { buildRunReport, type RunReportOptions } from './build-run-report.js';
export { headlineFigures, type AnswerIou, type SubjectScores } from './image-scores.js';
