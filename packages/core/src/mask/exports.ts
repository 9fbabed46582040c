export { MAX_MASK_PIXELS, pixelsOfRuns, runsOfLabel, runsOfPixels, type MaskRuns } from './runs.js';
export { runsFromString, runsToString } from './rle-string.js';
export { decodeMask, encodeLabel, encodeMask, rleOfRuns, runsOfRle, type DenseMask } from './rle.js';
