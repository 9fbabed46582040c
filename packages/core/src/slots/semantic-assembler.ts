import type { Size } from '../domain/frames.js';
import type { Segment } from '../domain/prediction.js';
import type { ScoreSession } from './cost-aggregator.js';
import type { RunContext, Stage } from './stage.js';
import type { TilePlan } from './tiler.js';

/** Scores of all classes on all views, and what they belong to. */
export interface SemanticQuery {
  /** Size of the image, which the segments are wanted for. */
  readonly image: Size;
  /** Where the views lie. */
  readonly plan: TilePlan;
  /** The classes' names, in the embeddings' order. */
  readonly labels: readonly string[];
  /** Where the scores come from. */
  readonly scores: ScoreSession;
}

/** Scores per class and view to one segment per class that was found. */
export interface SemanticAssembler extends Stage {
  assemble(query: SemanticQuery, run: RunContext): Promise<readonly Segment[]>;
}
