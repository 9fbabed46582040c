export { MAX_MASK_PIXELS, pixelsOfRuns, runsOfLabel, runsOfLabels, runsOfPixels, type MaskRuns } from './runs.js';
export { runsFromString, runsToString } from './rle-string.js';
export { decodeMask, encodeLabel, encodeLabels, encodeMask, rleOfRuns, runsOfRle, type DenseMask } from './rle.js';
