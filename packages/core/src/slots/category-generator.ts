import type { FeatureMap } from '../domain/feature-map.js';
import type { MaskSet } from '../domain/mask-set.js';
import type { Tensor } from '../domain/tensor.js';
import type { RunContext, Stage } from './stage.js';

/** What there is to name; a generator says by its `needs` which part it reads. */
export interface CategoryQuery {
  /** Category embeddings [N, width]. */
  readonly embeddings?: Tensor;
  readonly masks?: MaskSet;
  readonly features?: FeatureMap;
  /** Candidate names, when the vocabulary is given. */
  readonly candidates?: readonly string[];
}

/** A name with its score 0..1. */
export interface NamedCategory {
  readonly name: string;
  readonly score: number;
}

/** Category embeddings, masks with features, or candidates to names. */
export interface CategoryGenerator extends Stage {
  /** @returns one name per embedding or mask, in order */
  name(query: CategoryQuery, run: RunContext): Promise<readonly NamedCategory[]>;
}
