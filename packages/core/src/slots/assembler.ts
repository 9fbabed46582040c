import type { DecodedMasks } from '../domain/mask-set.js';
import type { Evidence, Segment, Task } from '../domain/prediction.js';
import type { RunContext, Stage } from './stage.js';

/** What is known about each decoded mask, in the decoder's order. */
export interface MaskLabel {
  /** The segment's name, or the phrase it answers. */
  readonly label: string;
  /** Confidence 0..1; the decoder's predicted IoU when absent. */
  readonly score?: number;
  /** What led to the mask, for reports. */
  readonly evidence?: Evidence;
}

/** Decoded masks to final segments (threshold, NMS, merge). */
export interface Assembler extends Stage {
  /**
   * @param masks - N decoded masks
   * @param labels - one per mask, in order
   * @param task - what was asked for, where the result's form depends on it
   */
  assemble(
    masks: DecodedMasks,
    labels: readonly MaskLabel[],
    run: RunContext,
    task?: Task,
  ): Promise<readonly Segment[]>;
  /**
   * Which masks can become segments, whatever their names: the others need not be named. Absent where all can. Whoever hands
   * on just these says so (`survived`).
   * @param scores - one per mask
   * @returns places, best first
   */
  survivors?(
    masks: DecodedMasks,
    scores: readonly number[],
    task?: Task,
  ): readonly number[] | Promise<readonly number[]>;
}
