import type { FeatureMap } from '../domain/feature-map.js';
import type { FusedFeatures } from './feature-fuser.js';
import type { RunContext, Stage } from './stage.js';
import type { TextEmbeddings } from './text-embedder.js';

/** What is known of one view. */
export interface DenseView {
  /** What texts are compared with. */
  readonly fused: FusedFeatures;
  /** The text-aligned tower's tokens, with its intermediate features as `taps` where it gives them. */
  readonly guidance: FeatureMap;
}

/** Scores of some classes on all views. */
export interface ClassScores {
  /** Their places among the embeddings, rising. */
  readonly classes: readonly number[];
  /** Rows of every map. */
  readonly rows: number;
  /** Columns of every map. */
  readonly columns: number;
  /** For each view, in order: row-major [classes, rows, columns] logits; probability = sigmoid. */
  readonly logits: readonly Float32Array[];
}

/** Scores to be asked for a chunk of classes at a time, so that thousands of classes need little memory. */
export interface ScoreSession {
  /** Chunks; 0 when there is no class. Each class is in one chunk at most: one left out wins nowhere. */
  readonly chunks: number;
  /**
   * Scores of one chunk's classes on all views.
   * @param chunk - 0..chunks-1
   */
  scores(chunk: number, run: RunContext): Promise<ClassScores>;
}

/** Features and class embeddings to scores: cost volume, its enhancement, upsampling (CAT-Seg; LMSeg, section 3.5). */
export interface CostAggregator extends Stage {
  /** @param views - all views of one image, features of equal shape */
  prepare(views: readonly DenseView[], text: TextEmbeddings, run: RunContext): Promise<ScoreSession>;
}
