import { defineSlot, type DecodedMasks, type RunContext, type Stage } from '@maskloom/core';

/** Decoded masks to the same masks with calmer edges. */
export interface MaskSmoother extends Stage {
  /**
   * @param masks - N mask logits [N, height, width] as the decoder gives them
   * @returns logits of the same shape and geometry, in the same order
   */
  smooth(masks: DecodedMasks, run: RunContext): Promise<DecodedMasks>;
}

declare module '@maskloom/core' {
  interface SlotStages {
    /** Mask logits to calmer mask logits. */
    MaskSmoother: MaskSmoother;
  }
  interface Signals {
    /** Mask logits that have been smoothed. */
    'smooth-logits': DecodedMasks;
  }
}

/** The slot: it comes after the mask decoder, and its stages' work is `smooth`. */
export const MaskSmoother = defineSlot('MaskSmoother', {
  after: 'MaskDecoder',
  summary: 'Mask logits to calmer mask logits.',
  calls: ['smooth'],
});
