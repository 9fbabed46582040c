export {
  MAX_MASK_PIXELS,
  checkMaskSize,
  pixelsOfRuns,
  runsOfLabel,
  runsOfLabels,
  runsOfPixels,
  type MaskRuns,
} from './runs.js';
export { runsFromString, runsToString } from './rle-string.js';
export { areaOfRuns, boxOfRuns, intersectionOfRuns, iouOfRuns, mergeRuns } from './run-algebra.js';
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
  mergeMasks,
  rleOfRuns,
  runsOfRle,
  type DenseMask,
} from './rle.js';
