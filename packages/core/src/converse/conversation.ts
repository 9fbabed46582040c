import type { ImageFrame } from '../domain/image-frame.js';
import type { Prediction, SegmentRequest } from '../domain/prediction.js';
import type { SegmentOptions } from '../pipeline/segment-options.js';
import type { TurnInstruction } from './instruction.js';
import type { ConversationRecord } from './saved.js';

/** One turn of a conversation and what came of it. */
export interface ConversationStep {
  /** `ask`: the pipeline was asked; `say`: the prediction was refined; `adopt`: a prediction was brought along. */
  readonly kind: 'ask' | 'say' | 'adopt';
  /** What was asked, for `ask`. */
  readonly request?: SegmentRequest;
  /** What was said, with the situation and the segments that it was taken to mean, for `say`. */
  readonly instruction?: TurnInstruction;
  /** Everything known after this turn. */
  readonly prediction: Prediction;
}

/** What an instruction can say besides its words. */
export type InstructionHints = Omit<TurnInstruction, 'say'>;

/**
 * A dialogue about one image: ask, look, say what is wrong, go back. Turns run one after the other; a turn
 * that fails leaves everything as it was.
 */
export interface Conversation {
  /** What the dialogue is about. */
  readonly image: ImageFrame;
  /** Turns up to now, oldest first; each holds a whole prediction. */
  readonly steps: readonly ConversationStep[];
  /** Turns that were undone and can be redone, next first. A new turn forgets them. */
  readonly undone: readonly ConversationStep[];
  /** The last turn's prediction; `undefined` before the first. */
  readonly prediction: Prediction | undefined;
  /**
   * Asks the pipeline.
   * @throws MaskloomError as `Pipeline.segment`; VALUE_INVALID while another turn runs
   */
  ask(request: SegmentRequest, options?: SegmentOptions): Promise<Prediction>;
  /**
   * Brings along a prediction made elsewhere, by any system.
   * @throws MaskloomError VALUE_INVALID when its masks are not of this image's size
   */
  adopt(prediction: Prediction): Prediction;
  /**
   * Says what is wrong with the last prediction, or what to do. Words alone are enough where they are clear (see
   * `readInstruction`, `whichSegment` and `whichSegments` for the rules, `SAYABLE` for examples); hints decide the rest.
   * Only `mask`, `category` and `missed` need a refiner; "undo" and "redo" are `undo()` and `redo()`. Before the first
   * turn only something missed can be pointed at.
   * @returns everything known after it
   * @throws MaskloomError INSTRUCTION_UNKNOWN listing what can be said, VALUE_INVALID, STAGE_MISMATCH without a
   * refiner, or as `Pipeline.refine`
   */
  say(words: string, hints?: InstructionHints, options?: SegmentOptions): Promise<Prediction>;
  /**
   * Takes the last turn back, and with it the turns after it that changed nothing ("thanks").
   * @returns the turn taken back
   * @throws MaskloomError VALUE_INVALID when there is none, or a turn runs
   */
  undo(): ConversationStep;
  /**
   * Repeats the turn taken back last, and those that changed nothing behind it, without running anything.
   * @returns the turn repeated
   * @throws MaskloomError VALUE_INVALID when there is none, or a turn runs
   */
  redo(): ConversationStep;
  /** The dialogue as a JSON value, undone turns included; points and maps that led to a segment are left out. */
  save(): ConversationRecord;
}
