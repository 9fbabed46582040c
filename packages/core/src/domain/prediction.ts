import type { PointSet } from './frames.js';
import type { RleMask } from './mask-set.js';
import type { ScoreMap } from './score-map.js';
import type { SlotName } from '../slots/slot.js';

/** The tasks a request can ask for. */
export type Task = 'referring' | 'reasoning' | 'free' | 'semantic' | 'instance';

/** What to find in an image. */
export interface SegmentRequest {
  readonly task: Task;
  /** The phrase or question, for `referring` and `reasoning`. */
  readonly text?: string;
  /** Candidate names, for tasks over a list of classes. */
  readonly labels?: readonly string[];
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
  readonly mask: RleMask;
  /** What led to this segment, for reports: prompt points and the map they came from. */
  readonly evidence?: Evidence;
}

/** Intermediate results worth showing beside a segment. */
export interface Evidence {
  readonly points?: PointSet<'ImagePx'>;
  readonly map?: ScoreMap;
}

/** The time and place of one stage's work within one run. */
export interface StageTrace {
  readonly slot: SlotName;
  /** The stage's name, e.g. `read/similarity-as-points`. */
  readonly stage: string;
  /** Wall time in milliseconds. */
  readonly ms: number;
  /** The device that really ran, or `js` for a stage written in TypeScript. */
  readonly device: string;
}

/** Everything one pipeline says about one image. */
export interface Prediction {
  readonly system: string;
  readonly recipe: string;
  readonly request: SegmentRequest;
  /** The text that the language model wrote, or '' when there is none. */
  readonly answer: string;
  readonly segments: readonly Segment[];
  readonly stages: readonly StageTrace[];
  readonly warnings: readonly string[];
}
