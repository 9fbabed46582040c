import type { Box } from '../domain/frames.js';
import type { ImageFrame } from '../domain/image-frame.js';
import type { Prediction } from '../domain/prediction.js';
import type { RefineSituation } from '../domain/refinement.js';
import type { SlotStages } from './slot-stages.js';
import type { RunContext, Stage } from './stage.js';

/** What to improve: words, optionally a place and the segment they are about. */
export interface RefineInstruction {
  /** The instruction in words. */
  readonly say: string;
  /** Where it applies. */
  readonly box?: Box<'ImagePx'>;
  /** Index into the prediction's segments. */
  readonly segment?: number;
  /** What is wrong; read from the words by `readInstruction` when absent. */
  readonly situation?: RefineSituation;
  /** The name that is wrong, for `category`; the segment's label when absent. */
  readonly wrong?: string;
  /** The right name, when whoever speaks knows it: it is taken as it is. */
  readonly name?: string;
}

/** Image, any system's prediction and an instruction to a better prediction. */
export interface Refiner extends Stage {
  /**
   * Changes one segment, or adds one (`missed`: at the end). All others stay as they are.
   * @param stages - the stages of the recipe's other slots, traced as the recipe's own calls are: what a refiner is
   * made of where it does not bring all of it itself. Which it wants is said by the signals it needs
   * @returns the whole prediction, with its `refinement` note where the stage knows it
   */
  refine(
    image: ImageFrame,
    prediction: Prediction,
    instruction: RefineInstruction,
    run: RunContext,
    stages?: Partial<SlotStages>,
  ): Promise<Prediction>;
}
