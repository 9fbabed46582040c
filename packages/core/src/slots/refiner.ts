import type { Box } from '../domain/frames.js';
import type { ImageFrame } from '../domain/image-frame.js';
import type { Prediction } from '../domain/prediction.js';
import type { RunContext, Stage } from './stage.js';

/** What to improve: words, optionally a place and the segment they are about. */
export interface RefineInstruction {
  /** The instruction in words. */
  readonly say: string;
  /** Where it applies. */
  readonly box?: Box<'ImagePx'>;
  /** Index into the prediction's segments. */
  readonly segment?: number;
}

/** Image, any system's prediction and an instruction to a better prediction. */
export interface Refiner extends Stage {
  refine(
    image: ImageFrame,
    prediction: Prediction,
    instruction: RefineInstruction,
    run: RunContext,
  ): Promise<Prediction>;
}
