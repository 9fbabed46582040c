import type { FeatureMap } from '../domain/feature-map.js';
import type { Tensor } from '../domain/tensor.js';
import type { RunContext, Stage } from './stage.js';

/** What each patch proposes (ROSE, section 3.2). Row-major over rows * columns patches. */
export interface PatchProposals {
  /** Patches from top to bottom. */
  readonly rows: number;
  /** Patches from left to right. */
  readonly columns: number;
  /** Probability 0..1 that the patch holds an object's centre; length rows * columns. */
  readonly objectness: Float32Array;
  /** [patches, decoder width]. */
  readonly maskEmbeddings: Tensor;
  /** [patches, language hidden]. */
  readonly categoryEmbeddings: Tensor;
  /** [patches, text space], L2-normalised rows, when the model has that head. */
  readonly textEmbeddings?: Tensor;
  /** What each patch is there for within its super-patch, length rows * columns; absent when patches have no roles. */
  readonly roles?: readonly string[];
  /** Most proposals to go on with, the highest objectness first; all when absent. */
  readonly limit?: number;
  /** Objectness below which a patch proposes nothing; 0 when absent. */
  readonly threshold?: number;
}

/** Hidden states of all image patches to proposals. */
export interface PatchAnalyzer extends Stage {
  /** @param states - last-layer states of the image tokens, layout `tokens` */
  analyze(states: FeatureMap, run: RunContext): Promise<PatchProposals>;
}
