import type { FeatureMap } from '../domain/feature-map.js';
import type { PointSet } from '../domain/frames.js';
import type { ScoreMap } from '../domain/score-map.js';
import type { Tensor } from '../domain/tensor.js';
import type { RunContext, Stage } from './stage.js';

/** What a point prompter reads. */
export interface PointQuery {
  /** The state that emitted `<SEG>`, [1, hidden]. */
  readonly query: Tensor;
  /** Last-layer states of the image tokens, layout `tokens`, with the geometry of the vision encoder. */
  readonly imageStates: FeatureMap;
}

/** Labelled points, and the map they were chosen on. */
export interface PointSuggestion {
  /** In ImagePx; may be empty. */
  readonly points: PointSet<'ImagePx'>;
  /** Scores that the points were chosen by, for pictures and reports. */
  readonly map?: ScoreMap;
}

/** A query embedding and image tokens to labelled points. */
export interface PointPrompter extends Stage {
  prompt(query: PointQuery, run: RunContext): Promise<PointSuggestion>;
}
