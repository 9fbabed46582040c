import type { Signal } from '@maskloom/core';

/** What flows to and from one stage of a recipe. */
export interface Link<S extends Signal, D extends Signal> {
  /** Signals that the recipe supplies to the stage. */
  readonly supplies: S;
  /** Signals that the recipe demands from it. */
  readonly demands: D;
}

/** What flows where in every `<SEG>` system. */
export interface SegWiring {
  /** Makes the features that masks are decoded from. */
  readonly Encoder: Link<'image', 'mask-features'>;
  /** Makes the tokens that the language model reads. */
  readonly VisionEncoder: Link<'image', 'vision-tokens'>;
  /** Turns decoded masks into segments. */
  readonly Assembler: Link<'mask-logits', 'segments'>;
}

/** A `<SEG>` system whose mask prompt is the projected `<SEG>` state alone. */
export interface EmbeddingWiring extends SegWiring {
  /** Answers with `[SEG]` tokens and the states that emit them. */
  readonly LanguageModel: Link<'vision-tokens', 'query-state' | 'text'>;
  /** Projects those states to prompt embeddings. */
  readonly QueryProjector: Link<'query-state', 'embedding-prompt'>;
  /** Decodes one mask per embedding. */
  readonly MaskDecoder: Link<'mask-features' | 'embedding-prompt', 'mask-logits'>;
}

/** A `<SEG>` system whose mask prompt is points alone. */
export interface PointsWiring extends SegWiring {
  /** Answers with `[SEG]` tokens, the states that emit them, and those of the image tokens. */
  readonly LanguageModel: Link<'vision-tokens', 'image-states' | 'query-state' | 'text'>;
  /** Turns each `<SEG>` state into points; there must be some. */
  readonly PointPrompter: Link<'query-state' | 'image-states', 'point-prompt'>;
  /** Decodes one mask per set of points. */
  readonly MaskDecoder: Link<'mask-features' | 'point-prompt', 'mask-logits'>;
}

/** A `<SEG>` system that prompts with the embedding and with points. */
export interface EmbeddingAndPointsWiring extends SegWiring {
  /** Answers with `[SEG]` tokens, the states that emit them, and those of the image tokens. */
  readonly LanguageModel: Link<'vision-tokens', 'image-states' | 'query-state' | 'text'>;
  /** Projects the `<SEG>` states to prompt embeddings. */
  readonly QueryProjector: Link<'query-state', 'embedding-prompt'>;
  /** Turns each `<SEG>` state into points; it may give none, the embedding is still there. */
  readonly PointPrompter: Link<'query-state' | 'image-states', never>;
  /** Decodes one mask per embedding and its points. */
  readonly MaskDecoder: Link<'mask-features' | 'embedding-prompt' | 'point-prompt', 'mask-logits'>;
}

/** A wiring written down as lists of signals, as `defineRecipe` takes it. */
export type WiringListsOf<W> = {
  readonly [K in keyof W]: W[K] extends Link<infer S, infer D>
    ? Readonly<Record<'supplies', readonly S[]> & Record<'demands', readonly D[]>>
    : never;
};

const common = {
  Encoder: { supplies: ['image'], demands: ['mask-features'] },
  VisionEncoder: { supplies: ['image'], demands: ['vision-tokens'] },
  Assembler: { supplies: ['mask-logits'], demands: ['segments'] },
} as const satisfies WiringListsOf<SegWiring>;

/** {@link EmbeddingWiring} as `defineRecipe` takes it. */
export const embeddingWiring: WiringListsOf<EmbeddingWiring> = {
  ...common,
  LanguageModel: { supplies: ['vision-tokens'], demands: ['query-state', 'text'] },
  QueryProjector: { supplies: ['query-state'], demands: ['embedding-prompt'] },
  MaskDecoder: { supplies: ['mask-features', 'embedding-prompt'], demands: ['mask-logits'] },
};

/** {@link PointsWiring} as `defineRecipe` takes it. */
export const pointsWiring: WiringListsOf<PointsWiring> = {
  ...common,
  LanguageModel: { supplies: ['vision-tokens'], demands: ['image-states', 'query-state', 'text'] },
  PointPrompter: { supplies: ['query-state', 'image-states'], demands: ['point-prompt'] },
  MaskDecoder: { supplies: ['mask-features', 'point-prompt'], demands: ['mask-logits'] },
};

/** {@link EmbeddingAndPointsWiring} as `defineRecipe` takes it. */
export const embeddingAndPointsWiring: WiringListsOf<EmbeddingAndPointsWiring> = {
  ...common,
  LanguageModel: { supplies: ['vision-tokens'], demands: ['image-states', 'query-state', 'text'] },
  QueryProjector: { supplies: ['query-state'], demands: ['embedding-prompt'] },
  PointPrompter: { supplies: ['query-state', 'image-states'], demands: [] },
  MaskDecoder: { supplies: ['mask-features', 'embedding-prompt', 'point-prompt'], demands: ['mask-logits'] },
};
