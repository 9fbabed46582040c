import type { FeatureCache, ImageFrame, Pipeline } from '@maskloom/core';
import type { BootstrapOptions } from '@maskloom/metrics';
import type { Figure } from '@maskloom/metrics';
import type { HeldOutScene } from './scenes.js';

/** An image with all that is asked about it. */
export interface LoadedScene extends HeldOutScene {
  readonly frame: ImageFrame;
}

/** How a scorer asks. */
export interface AskOptions {
  readonly cache: FeatureCache;
  readonly signal: AbortSignal;
  /** Questions to one pipeline at a time. */
  readonly concurrency: number;
}

/** Asks one pipeline about scene after scene and sums up what its answers are worth. */
export interface Scorer {
  /** @returns how many questions were asked */
  add(pipeline: Pipeline, scene: LoadedScene, options: AskOptions): Promise<number>;
  /** Every column so far. */
  figures(options?: BootstrapOptions): Record<string, Figure>;
}
