import type { SegmentRequest } from '../domain/prediction.js';
import type { RunContext } from '../slots/stage.js';

/** Warns that a recipe looks at the whole image, where the request points at regions of it. */
export function warnOfRegions({ prompts = [] }: SegmentRequest, run: Pick<RunContext, 'warn'>): void {
  if (prompts.length > 0) run.warn('The regions pointed at were ignored: this system reads the whole image.');
}
