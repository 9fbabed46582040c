import {
  EDIT_SITUATIONS,
  type EditSituation,
  type RefineSituation,
  type Situation,
} from '../domain/refinement.js';
import type { RefineInstruction } from '../slots/refiner.js';

/** What is said about a prediction: words, and hints that decide what they leave open. Hints always win. */
export interface TurnInstruction extends Omit<RefineInstruction, 'situation'> {
  /** What is meant; read from the words by `readInstruction` when absent. */
  readonly situation?: Situation;
  /** Which segments are meant, for `delete` and `merge`: indices into the prediction's segments. */
  readonly segments?: readonly number[];
  /** For `larger` and `smaller`: by which part of its area, above 0; 0.25 when neither words nor hints say. */
  readonly fraction?: number;
}

/** An instruction for a refiner, with everything that its words left open filled in. */
export interface ResolvedInstruction extends RefineInstruction {
  /** What is wrong. */
  readonly situation: RefineSituation;
}

/** An instruction that needs no model, with everything that its words left open filled in. */
export interface ResolvedEdit extends TurnInstruction {
  /** What is to be done. */
  readonly situation: EditSituation;
  /** The segments it is done to, rising; none for `keep`. */
  readonly segments: readonly number[];
}

/** An instruction about the conversation itself. */
export interface HistoryInstruction {
  /** Take the last turn back, or repeat it. */
  readonly situation: 'undo' | 'redo';
  /** What was said. */
  readonly say: string;
}

/** What an instruction comes to, with everything that its words left open filled in. */
export type ResolvedTurn = ResolvedInstruction | ResolvedEdit | HistoryInstruction;

/** Whether no model is needed. */
export function isEdit(turn: ResolvedTurn): turn is ResolvedEdit {
  return (EDIT_SITUATIONS as readonly string[]).includes(turn.situation);
}

/** Whether it is about the conversation, not about the prediction. */
export function isHistory(turn: ResolvedTurn): turn is HistoryInstruction {
  return turn.situation === 'undo' || turn.situation === 'redo';
}
