import {
  defineSlot,
  type DecodedMasks,
  type ImageFrame,
  type ImageView,
  type PointSet,
  type RleMask,
  type RunContext,
  type Segment,
  type Stage,
  type TilePlan,
} from '@maskloom/core';

/** A view of an image to the points that are to be prompted on it, each by itself. */
export interface PointSampler extends Stage {
  /**
   * @param view - one of `plan`'s
   * @returns batches of points in pixels of the view; each batch is decoded in one call
   */
  sample(view: ImageView, plan: TilePlan, run: RunContext): Promise<readonly PointSet<'ImagePx'>[]>;
}

/** A mask that may become a segment. */
export interface MaskProposal {
  /** The mask at the image's size. */
  readonly mask: RleMask;
  /** [x, y, width, height] in ImagePx, tight around the mask. */
  readonly bbox: readonly [number, number, number, number];
  /** Pixels set. */
  readonly area: number;
  /** The decoder's own prediction of the mask's IoU, about 0..1. */
  readonly quality: number;
  /** Share of the pixels above the lower cut-off that are above the higher one, 0..1. */
  readonly stability: number;
  /** The point that it was decoded from, [x, y] in ImagePx. */
  readonly point: readonly [number, number];
  /** [x, y, width, height] in ImagePx of the view that it was found on. */
  readonly cropBox: readonly [number, number, number, number];
}

/** Masks decoded from one batch of points. */
export interface SampledMasks {
  /** The whole image. */
  readonly image: ImageFrame;
  /** The view that the points lie on. */
  readonly view: ImageView;
  /** P points in pixels of the view. */
  readonly points: PointSet<'ImagePx'>;
  /** P * M masks, those of one point together. */
  readonly masks: DecodedMasks;
}

/** Masks of many points to those that are worth keeping. */
export interface MaskSifter extends Stage {
  /** Masks of one batch to those that are good enough, at the image's size, in order. */
  sift(sampled: SampledMasks, run: RunContext): Promise<readonly MaskProposal[]>;
  /** Proposals of one view without duplicates, best first. */
  suppress(proposals: readonly MaskProposal[], run: RunContext): Promise<readonly MaskProposal[]>;
  /**
   * What is left of all views' proposals, as segments.
   * @param label - name of each
   */
  finish(
    proposals: readonly MaskProposal[],
    plan: TilePlan,
    label: string,
    run: RunContext,
  ): Promise<readonly Segment[]>;
}

declare module '@maskloom/core' {
  interface SlotStages {
    /** A view to the points to prompt on it. */
    PointSampler: PointSampler;
    /** Masks of many points to those worth keeping. */
    MaskSifter: MaskSifter;
  }
  interface Signals {
    /** Batches of points on a view, each point a prompt of its own. */
    'sampled-points': readonly PointSet<'ImagePx'>[];
  }
}

/** The slot of what chooses points to prompt without being asked for anything. */
export const PointSampler = defineSlot('PointSampler', {
  after: 'PointPrompter',
  summary: 'A view to the points that are prompted on it, each by itself.',
  calls: ['sample'],
});

/** The slot of what keeps the good ones of many masks. */
export const MaskSifter = defineSlot('MaskSifter', {
  after: 'MaskDecoder',
  summary: 'Masks of many points to those worth keeping: quality, stability, no duplicates.',
  calls: ['sift', 'suppress', 'finish'],
});
