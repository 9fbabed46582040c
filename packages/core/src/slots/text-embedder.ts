import type { RunContext, Stage } from './stage.js';

/** One unit vector per class. */
export interface TextEmbeddings {
  /** Classes. */
  readonly count: number;
  /** Length of each vector. */
  readonly width: number;
  /** Row-major [count, width], each row of length 1. */
  readonly values: Float32Array;
}

/** Sentences to vectors in the space that images are compared in. */
export interface TextEmbedder extends Stage {
  /**
   * @param texts - for each class one or more sentences; a class's vector is the mean of theirs, normalised again
   * @returns one vector per class, in order
   */
  embed(texts: readonly (readonly string[])[], run: RunContext): Promise<TextEmbeddings>;
}
