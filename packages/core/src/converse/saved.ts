import type { Box } from '../domain/frames.js';
import type { Prediction, Segment, Task } from '../domain/prediction.js';
import type { Refinement, Situation } from '../domain/refinement.js';

/** Version of the record's format. */
export const CONVERSATION_SCHEMA = 'maskloom.conversation/1';

/** A saved conversation: `maskloom.conversation/1`, plain JSON. */
export interface ConversationRecord {
  /** Name and version of the format. */
  readonly schema: typeof CONVERSATION_SCHEMA;
  /** The image that all turns are about. */
  readonly image: SavedImage;
  /** Turns up to now, oldest first. */
  readonly steps: readonly SavedStep[];
  /** Turns that were undone and can be redone, next first. */
  readonly undone: readonly SavedStep[];
}

/** Which image a saved conversation is about; its pixels are not kept. */
export interface SavedImage {
  /** SHA-256 (hex) of the source bytes, or of the pixels when made in memory. */
  readonly sha256: string;
  /** Pixels from left to right. */
  readonly width: number;
  /** Pixels from top to bottom. */
  readonly height: number;
}

/** One turn of a saved conversation. */
export interface SavedStep {
  /** `ask`: the pipeline was asked; `say`: the prediction was refined; `adopt`: a prediction was brought along. */
  readonly kind: 'ask' | 'say' | 'adopt';
  /** What was asked, for `ask`. */
  readonly request?: SavedRequest | undefined;
  /** What was said, with the situation and the segment that it was taken to mean, for `say`. */
  readonly instruction?: SavedInstruction | undefined;
  /** Everything known after this turn. */
  readonly prediction: SavedPrediction;
}

/** What to find in an image, as it is saved. */
export interface SavedRequest {
  /** The kind of question. */
  readonly task: Task;
  /** The phrase or question, for `referring` and `reasoning`. */
  readonly text?: string | undefined;
  /** Candidate names, for tasks over a list of classes. */
  readonly labels?: readonly string[] | undefined;
  /** The regions pointed at. */
  readonly prompts?: readonly SavedPrompt[] | undefined;
}

/** One region pointed at, as it is saved. */
export interface SavedPrompt {
  /** The segment's name; `prompt 1`, `prompt 2`, ... by place when absent. */
  readonly label?: string | undefined;
  /** Around the region; its right and bottom edges are exclusive. */
  readonly box?: Box<'ImagePx'> | undefined;
  /** In the region or outside of it. */
  readonly points?: SavedPoints | undefined;
  /** The region itself, of the image's size. */
  readonly mask?: Segment['mask'] | undefined;
}

/** P labelled points in ImagePx, as lists. */
export interface SavedPoints {
  /** Interleaved x, y; length 2 P. */
  readonly xy: readonly number[];
  /** Length P: 1 in the region, 0 outside of it, -1 neutral. */
  readonly labels: readonly number[];
}

/** What was said about a prediction, as it is saved. */
export interface SavedInstruction {
  /** The instruction in words. */
  readonly say: string;
  /** Where it applies. */
  readonly box?: Box<'ImagePx'> | undefined;
  /** Index into the segments of the turn before. */
  readonly segment?: number | undefined;
  /** What it was taken to mean. */
  readonly situation?: Situation | undefined;
  /** For edits: the segments of the turn before that it is done to. */
  readonly segments?: readonly number[] | undefined;
  /** For `larger` and `smaller`: by which part of the area. */
  readonly fraction?: number | undefined;
  /** The name that is wrong, for `category`. */
  readonly wrong?: string | undefined;
  /** The right name, when whoever spoke knew it. */
  readonly name?: string | undefined;
}

/** One found region, as it is saved: without the points and the map that led to it. */
export type SavedSegment = Omit<Segment, 'evidence'>;

/** How a prediction came out of the one before, as it is saved. */
export interface SavedRefinement extends Omit<Refinement, 'oracle' | 'segment' | 'from'> {
  /** Index of the segment that was changed or added, when there is one. */
  readonly segment?: number | undefined;
  /** For edits: the segments of the turn before that were changed, made one or taken away. */
  readonly from?: readonly number[] | undefined;
  /** True when the ground truth was used to choose what to refine: never comparable with a system on its own. */
  readonly oracle?: boolean | undefined;
}

/** A prediction as it is saved: without what led to it as a whole. */
export interface SavedPrediction extends Omit<
  Prediction,
  'request' | 'segments' | 'evidence' | 'refinement'
> {
  /** What was asked. */
  readonly request: SavedRequest;
  /** What was found; empty when the thing is not there. */
  readonly segments: readonly SavedSegment[];
  /** Present when this came out of an earlier prediction by an instruction. */
  readonly refinement?: SavedRefinement | undefined;
}
