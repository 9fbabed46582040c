import type { Prediction, RefineInstruction, RleMask, Size } from '@maskloom/core';

/** What is really in an image: every thing and region of stuff, none over another. */
export interface RefineTruth extends Size {
  /** Names and masks, each of the image's size. */
  readonly segments: readonly {
    /** Its class. */
    readonly label: string;
    /** Its visible pixels. */
    readonly mask: RleMask;
  }[];
}

/** Improves a prediction by one instruction: `pipeline.refine` with its image. */
export type RefineCall = (prediction: Prediction, instruction: RefineInstruction) => Promise<Prediction>;

/** One turn of a script. */
export interface ScriptTurn {
  /** What was said. */
  readonly instruction: RefineInstruction;
  /** Everything known after it. */
  readonly prediction: Prediction;
}

/** A script's result. */
export interface ScriptResult {
  /** After the last turn; the given prediction when there was nothing to refine. */
  readonly prediction: Prediction;
  /** The turns, in order. */
  readonly turns: readonly ScriptTurn[];
}

/** What the scripts say; the situation is given, so the words are for people. */
export const SAID = {
  mask: 'The mask is not right, draw it again.',
  category: (wrong: string): string => `This is not ${wrong}.`,
  missed: 'You missed the thing in this box.',
} as const;
