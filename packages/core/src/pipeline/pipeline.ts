import type { Conversation } from '../converse/conversation.js';
import type { TurnInstruction } from '../converse/instruction.js';
import type { ConversationRecord } from '../converse/saved.js';
import type { ImageFrame } from '../domain/image-frame.js';
import type { Prediction, SegmentRequest, Task } from '../domain/prediction.js';
import type { AnyRecipe } from '../recipe.js';
import type { SlotName } from '../slots/slot-stages.js';
import type { PipelineEvents } from './events.js';
import type { SegmentOptions } from './segment-options.js';

/** One stage as it was built. */
export interface StageDescription {
  /** The slot that it fills. */
  readonly slot: SlotName;
  /** The stage's name. */
  readonly stage: string;
  /** Its options, JSON-safe. */
  readonly options: unknown;
  /** The device its models run on, or `js`. */
  readonly device: string;
  /** Its widths, when it names any. */
  readonly widths?: Readonly<Record<string, number>>;
}

/** A built pipeline as a plain JSON value, to be kept beside results. */
export interface PipelineDescription {
  /** `system/name`. */
  readonly id: string;
  /** The system's name. */
  readonly system: string;
  /** The recipe's name within the system. */
  readonly recipe: string;
  /** The recipe in one sentence. */
  readonly summary: string;
  /** What it can be asked for. */
  readonly tasks: readonly Task[];
  /** The bundle that the models came from; '' when no models were given. */
  readonly bundle: string;
  /** Which recipe of the bundle supplied them. */
  readonly bundleRecipe: string;
  /** In the order in which a picture flows through them. */
  readonly stages: readonly StageDescription[];
  /** Warnings of the build. */
  readonly warnings: readonly string[];
}

/** A recipe with built stages, ready to segment. Concurrent runs are fine. */
export interface Pipeline extends AsyncDisposable {
  /** `system/name`. */
  readonly id: string;
  /** The recipe, with the swapped stages in place. */
  readonly recipe: AnyRecipe;
  /** One bus per pipeline. */
  readonly events: PipelineEvents;
  /**
   * Segments one image.
   * @throws MaskloomError TASK_UNSUPPORTED, VALUE_INVALID, ABORTED, DISPOSED, STAGE_FAILED, or a stage's own error
   */
  segment(image: ImageFrame, request: SegmentRequest, options?: SegmentOptions): Promise<Prediction>;
  /**
   * Improves any system's prediction: by the recipe's Refiner for the situations `mask`, `category` and `missed`, without
   * any model for the edits ("delete it", see `editPrediction`). The result keeps the prediction's system, recipe and
   * request; its stages are those of the refinement, and `refinement` says what was done. Something missed that nobody
   * points at is never what is there already (mask IoU above 0.7): then nothing is added, with a warning.
   * @throws MaskloomError INSTRUCTION_UNKNOWN, STAGE_MISMATCH when a Refiner is needed and the recipe has none,
   * VALUE_INVALID (also for "undo": only a conversation has turns), ABORTED, DISPOSED, STAGE_FAILED, or the stage's own
   * error
   */
  refine(
    image: ImageFrame,
    prediction: Prediction,
    instruction: TurnInstruction,
    options?: SegmentOptions,
  ): Promise<Prediction>;
  /**
   * Starts a dialogue about one image: ask, say what is wrong, undo. Nothing runs yet.
   * @throws MaskloomError DATA_INVALID, VALUE_INVALID when a saved conversation cannot be continued
   */
  converse(image: ImageFrame, options?: ConverseOptions): Conversation;
  /** What was built, as a JSON-safe value. */
  describe(): PipelineDescription;
  /** Aborts and awaits runs in flight, then disposes of stages and models, last made first. Idempotent. */
  dispose(): Promise<void>;
}

/** How a conversation is held. */
export interface ConverseOptions {
  /** Refines what the pipeline finds; the pipeline itself when it has a refiner and none is given. */
  readonly refiner?: Pipeline;
  /** Goes on from what `Conversation.save` gave, about the same image. */
  readonly from?: ConversationRecord;
}
