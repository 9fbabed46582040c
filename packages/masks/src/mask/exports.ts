export {
  MAX_MASK_PIXELS,
  checkMaskSize,
  runsOfLabel,
  runsOfLabels,
  runsOfPixels,
  type MaskRuns,
} from './runs.js';
export { pixelsOfRuns } from './pixels-of-runs.js';
export { runsFromString, runsToString } from './rle-string.js';
export { areaOfRuns, boxOfRuns, complementOfRuns, intersectionOfRuns, iouOfRuns } from './run-algebra.js';
export { mergeMasks, mergeRuns } from './merge-runs.js';
export { indexMasks, indexRuns, intersectionOfIndexed, iouTable, type RunIndex } from './run-index.js';
export { runsOfPolygon } from './polygon.js';
export {
  decodeMask,
  encodeLabel,
  encodeLabels,
  encodeMask,
  maskArea,
  maskBox,
  maskIou,
  maskOfPolygons,
  runsOfRle,
  type DenseMask,
} from './rle.js';
export { rleOfRuns } from './rle-of-runs.js';
export { traceOutline } from './outline.js';
