import type { RleMask } from '@maskloom/masks';
import type { Box, PointSet } from './frames.js';
import type { Refinement } from './refinement.js';
import type { ScoreMap } from './score-map.js';
import type { SemanticEvidence } from './semantic-evidence.js';

/** The tasks a request can ask for. */
export type Task = 'referring' | 'reasoning' | 'free' | 'semantic' | 'instance' | 'prompted';

/** One region pointed at in the image, by a box, by points, by a mask, or by several of them. */
export interface SpatialPrompt {
  /** The segment's name; `prompt 1`, `prompt 2`, ... by place when absent. */
  readonly label?: string;
  /** Around the region; its right and bottom edges are exclusive, so a whole image is [0, 0, width, height]. */
  readonly box?: Box<'ImagePx'>;
  /** In the region (label 1) or outside of it (label 0). */
  readonly points?: PointSet<'ImagePx'>;
  /** The region itself, at the size of the image; read by systems that propose objects, to restrict them to it. */
  readonly mask?: RleMask;
}

/** What to find in an image. */
export interface SegmentRequest {
  /** The kind of question. */
  readonly task: Task;
  /** The phrase or question, for `referring` and `reasoning`. */
  readonly text?: string;
  /** Candidate names, for tasks over a list of classes. */
  readonly labels?: readonly string[];
  /** The regions pointed at, for `prompted`; systems that propose objects restrict their proposals to these. */
  readonly prompts?: readonly SpatialPrompt[];
}

/** One found region. */
export interface Segment {
  /** Its name, or the phrase it answers. */
  readonly label: string;
  /** Confidence 0..1 (SAM's predicted IoU where a system has nothing better). */
  readonly score: number;
  /** [x, y, width, height] in ImagePx, tight around the mask; zeros for an empty mask. */
  readonly bbox: readonly [number, number, number, number];
  /** Pixels set. */
  readonly area: number;
  /** The region, at the size of the image. */
  readonly mask: RleMask;
  /** What led to this segment, for reports: prompt points and the map they came from. */
  readonly evidence?: Evidence;
}

/** Intermediate results worth showing beside a segment. */
export interface Evidence {
  /** The points that the mask decoder was prompted with. */
  readonly points?: PointSet<'ImagePx'>;
  /** The map that the points were chosen on. */
  readonly map?: ScoreMap;
  /** The similarity of the `<SEG>` prompt with the mask decoder's image tokens, where the stage gives it. */
  readonly decoderMap?: ScoreMap;
  /** The image patch that proposed the segment. */
  readonly patch?: PatchEvidence;
}

/** An image patch that proposed an object. */
export interface PatchEvidence {
  /** From the top, counted from 0. */
  readonly row: number;
  /** From the left, counted from 0. */
  readonly column: number;
  /** Probability 0..1 that the patch holds an object's centre. */
  readonly objectness: number;
  /** What the patch is there for within its super-patch, e.g. `small`; absent when patches have no roles. */
  readonly role?: string;
  /** The part of the image that the patch covers, [x, y, width, height] in ImagePx. */
  readonly box: readonly [number, number, number, number];
}

/** Intermediate results about the image as a whole, for reports; there also when nothing was found. */
export interface PredictionEvidence {
  /** Objectness of every patch. */
  readonly heat?: ScoreMap;
  /** The patches that fired, most confident first: those whose masks were decoded. */
  readonly patches?: readonly PatchEvidence[];
  /** What stands behind a semantic result over a list of classes. */
  readonly semantic?: SemanticEvidence;
}

/** The time and place of one stage's work within one run. */
export interface StageTrace {
  /** The name of the slot that the stage fills; it may be of a package that is not installed where the record is read. */
  readonly slot: string;
  /** The stage's name, e.g. `read/similarity-as-points`. */
  readonly stage: string;
  /** Wall time in milliseconds. */
  readonly ms: number;
  /** The device that really ran, or `js` for a stage written in TypeScript. */
  readonly device: string;
}

/**
 * How a run ended. `segmented`: a mask with at least one pixel. `refused`: the language model's answer asks for no mask.
 * `empty`: masks were asked for, or the system cannot refuse, and no pixel of one is set.
 */
export type PredictionOutcome = 'segmented' | 'empty' | 'refused';

/** Everything one pipeline says about one image. */
export interface Prediction {
  /** The system's name. */
  readonly system: string;
  /** The recipe's name within the system. */
  readonly recipe: string;
  /** What was asked. */
  readonly request: SegmentRequest;
  /** The text that the language model wrote, or '' when there is none. */
  readonly answer: string;
  /** What was found; none when the thing is not there. */
  readonly segments: readonly Segment[];
  /** How it ended; of a prediction that was not made by a pipeline see {@link outcomeOf}. */
  readonly outcome?: PredictionOutcome | undefined;
  /** What led to the prediction as a whole, where a system has such. */
  readonly evidence?: PredictionEvidence;
  /** One entry per slot that ran, in the order of first calls. */
  readonly stages: readonly StageTrace[];
  /** What the reader of the result should know, each once. */
  readonly warnings: readonly string[];
  /** Present when this came out of an earlier prediction by an instruction. */
  readonly refinement?: Refinement;
}

/**
 * How a prediction ended: what it says itself, else by its masks alone, from which a refusal cannot be told from an
 * empty mask.
 */
export function outcomeOf({
  outcome,
  segments,
}: Pick<Prediction, 'outcome' | 'segments'>): PredictionOutcome {
  return outcome ?? (segments.some(({ area }) => area > 0) ? 'segmented' : 'empty');
}
