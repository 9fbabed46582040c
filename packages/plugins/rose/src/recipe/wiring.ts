import type { Signal } from '@maskloom/core';
import type { Link, WiringListsOf } from '@maskloom/llava';

/** What flows where in ROSE. */
export interface RoseWiring {
  /** Makes the features that masks are decoded from. */
  readonly Encoder: Link<'image', 'mask-features'>;
  /** Makes the tokens that the language model reads. */
  readonly VisionEncoder: Link<'image', 'vision-tokens'>;
  /** Reads the image for an instruction; its states of the patches are what everything else is made of. */
  readonly LanguageModel: Link<'vision-tokens', 'image-states' | 'text'>;
  /** Finds what each patch proposes. */
  readonly PatchAnalyzer: Link<'image-states', 'patch-scores' | 'embedding-prompt' | 'category-embedding'>;
  /** Embeds the phrase of a referring request. */
  readonly TextEmbedder: Link<'descriptions', 'text-embedding'>;
  /** Decodes one mask per proposal, all in one call. */
  readonly MaskDecoder: Link<'mask-features' | 'embedding-prompt', 'mask-logits'>;
  /** Names the proposals. */
  readonly CategoryGenerator: Link<'category-embedding' | 'image-states' | 'candidates', 'names'>;
  /** Brings free names to the request's labels, where it has some. */
  readonly LabelMapper: Link<'names' | 'candidates', 'names'>;
  /** Turns decoded masks into segments. */
  readonly Assembler: Link<'mask-logits', 'segments'>;
}

/** ROSE with the mask decoder prompted by points alone: what its patches find without their mask embeddings. */
export interface CentreWiring extends Omit<RoseWiring, 'MaskDecoder'> {
  /** Decodes one mask per proposal from a point, all in one call. */
  readonly MaskDecoder: Link<'mask-features' | 'point-prompt', 'mask-logits'>;
}

/** {@link RoseWiring} as `defineRecipe` takes it. */
export const roseWiring: WiringListsOf<RoseWiring> = {
  Encoder: { supplies: ['image'], demands: ['mask-features'] },
  VisionEncoder: { supplies: ['image'], demands: ['vision-tokens'] },
  LanguageModel: { supplies: ['vision-tokens'], demands: ['image-states', 'text'] },
  PatchAnalyzer: {
    supplies: ['image-states'],
    demands: ['patch-scores', 'embedding-prompt', 'category-embedding'],
  },
  TextEmbedder: { supplies: ['descriptions'], demands: ['text-embedding'] },
  MaskDecoder: { supplies: ['mask-features', 'embedding-prompt'], demands: ['mask-logits'] },
  CategoryGenerator: {
    supplies: ['category-embedding', 'image-states', 'candidates'],
    demands: ['names'],
  },
  LabelMapper: { supplies: ['names', 'candidates'], demands: ['names'] },
  Assembler: { supplies: ['mask-logits'], demands: ['segments'] },
} satisfies Partial<Record<string, { supplies: readonly Signal[]; demands: readonly Signal[] }>>;

/** {@link CentreWiring} as `defineRecipe` takes it. */
export const centreWiring: WiringListsOf<CentreWiring> = {
  ...roseWiring,
  MaskDecoder: { supplies: ['mask-features', 'point-prompt'], demands: ['mask-logits'] },
};
