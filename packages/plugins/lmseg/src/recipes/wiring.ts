import type { SlotSignals } from '@maskloom/core';

/** What flows where in LMSeg. */
export interface LmsegWiring {
  /** Cuts the image into views. */
  readonly Tiler: SlotSignals<'image', 'views'>;
  /** Makes text-aligned features of a view. */
  readonly VisionEncoder: SlotSignals<'image', 'dense-features'>;
  /** Makes spatial features of a view. */
  readonly Encoder: SlotSignals<'image', 'mask-features'>;
  /** Writes what each class looks like. */
  readonly PromptWriter: SlotSignals<'candidates', 'descriptions'>;
  /** Makes one vector per class. */
  readonly TextEmbedder: SlotSignals<'descriptions', 'text-embedding'>;
  /** Mixes both kinds of features. */
  readonly FeatureFuser: SlotSignals<'dense-features' | 'mask-features', 'fused-features'>;
  /** Compares features with classes and enhances what comes out. */
  readonly CostAggregator: SlotSignals<
    'fused-features' | 'dense-features' | 'text-embedding',
    'class-scores'
  >;
  /** Gives every pixel its class. */
  readonly SemanticAssembler: SlotSignals<'class-scores' | 'views', 'segments'>;
}

/** {@link LmsegWiring} written down as lists of signals. */
export type LmsegWiringLists = {
  readonly [K in keyof LmsegWiring]: Readonly<
    Record<'supplies', readonly LmsegWiring[K]['supplies'][]> &
      Record<'demands', readonly LmsegWiring[K]['demands'][]>
  >;
};

/** {@link LmsegWiring} as `defineRecipe` takes it. */
export const lmsegWiring: LmsegWiringLists = {
  Tiler: { supplies: ['image'], demands: ['views'] },
  VisionEncoder: { supplies: ['image'], demands: ['dense-features'] },
  Encoder: { supplies: ['image'], demands: ['mask-features'] },
  PromptWriter: { supplies: ['candidates'], demands: ['descriptions'] },
  TextEmbedder: { supplies: ['descriptions'], demands: ['text-embedding'] },
  FeatureFuser: { supplies: ['dense-features', 'mask-features'], demands: ['fused-features'] },
  CostAggregator: {
    supplies: ['fused-features', 'dense-features', 'text-embedding'],
    demands: ['class-scores'],
  },
  SemanticAssembler: { supplies: ['class-scores', 'views'], demands: ['segments'] },
};
