import type { FeatureMap } from '../domain/feature-map.js';
import type { ImageFrame } from '../domain/image-frame.js';
import type { MaskSet } from '../domain/mask-set.js';
import type { Tensor } from '../domain/tensor.js';
import type { LanguageSession } from './language-model.js';
import type { RunContext, Stage } from './stage.js';

/** What there is to name; a generator says by its `needs` which part it reads. */
export interface CategoryQuery {
  /** Category embeddings [N, width]. */
  readonly embeddings?: Tensor;
  /** The same things in the space of a text tower, [N, text space], L2-normalised, to compare with candidates. */
  readonly textEmbeddings?: Tensor;
  /** The image as the language model has read it, for names that are written about it. */
  readonly session?: LanguageSession;
  /** Regions to name. */
  readonly masks?: MaskSet;
  /** The image that the regions lie in, for generators with towers of their own. */
  readonly image?: ImageFrame;
  /** Features to compare names with. */
  readonly features?: FeatureMap;
  /** Candidate names, when the vocabulary is given. */
  readonly candidates?: readonly string[];
}

/** A name with its score 0..1. */
export interface NamedCategory {
  /** The category's name. */
  readonly name: string;
  /** Confidence 0..1. */
  readonly score: number;
  /** True when even the best candidate does not fit. */
  readonly none?: boolean;
}

/** Category embeddings, masks with features, or candidates to names. */
export interface CategoryGenerator extends Stage {
  /** @returns one name per embedding or mask, in order */
  name(query: CategoryQuery, run: RunContext): Promise<readonly NamedCategory[]>;
}
