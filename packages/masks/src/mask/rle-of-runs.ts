import type { RleMask } from './rle-mask.js';
import { runsToString } from './rle-string.js';
import type { MaskRuns } from './runs.js';

/** The compressed form of run lengths. */
export function rleOfRuns(runs: MaskRuns): RleMask {
  return { size: [runs.height, runs.width], counts: runsToString(runs) };
}
