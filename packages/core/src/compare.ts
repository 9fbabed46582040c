import { asMaskloomError, MaskloomError, throwIfAborted } from '@maskloom/masks';
import { createFeatureCache, type FeatureCache } from './cache/feature-cache.js';
import type { ImageFrame } from './domain/image-frame.js';
import type { Prediction, SegmentRequest } from './domain/prediction.js';
import type { Pipeline } from './pipeline/pipeline.js';
import type { SegmentOptions } from './pipeline/segment-options.js';

/** A pipeline's prediction. */
export interface Success {
  /** Tells success and failure apart. */
  readonly ok: true;
  /** The pipeline's id. */
  readonly pipeline: string;
  /** What it found. */
  readonly prediction: Prediction;
}

/** The reason why a pipeline made no prediction. */
export interface Failure {
  /** Tells success and failure apart. */
  readonly ok: false;
  /** The pipeline's id. */
  readonly pipeline: string;
  /** Why. */
  readonly error: MaskloomError;
}

/** What one pipeline made of the image. */
export type Outcome = Success | Failure;

/**
 * Runs several pipelines on one image, one after the other so that their times can be compared. An encoder that
 * they share runs once. A pipeline that fails gives its error as a value; the others go on.
 * @param options - `cache`: shares features beyond this call; one for this call alone when absent
 * @returns one outcome per pipeline, in order
 * @throws MaskloomError ABORTED when the signal ends the comparison
 */
export async function compare(
  pipelines: readonly Pipeline[],
  image: ImageFrame,
  request: SegmentRequest,
  options: SegmentOptions = {},
): Promise<readonly Outcome[]> {
  const own = options.cache === undefined ? createFeatureCache({ maxImages: 1 }) : undefined;
  const cache = options.cache ?? own;
  try {
    const outcomes: Outcome[] = [];
    for (const pipeline of pipelines) {
      throwIfAborted(options.signal, 'compare');
      outcomes.push(await outcome(pipeline, image, request, options.signal, cache));
    }
    throwIfAborted(options.signal, 'compare');
    return outcomes;
  } finally {
    own?.dispose();
  }
}

async function outcome(
  pipeline: Pipeline,
  image: ImageFrame,
  request: SegmentRequest,
  signal: AbortSignal | undefined,
  cache: FeatureCache | undefined,
): Promise<Outcome> {
  const options = { ...(signal === undefined ? {} : { signal }), ...(cache === undefined ? {} : { cache }) };
  try {
    return { ok: true, pipeline: pipeline.id, prediction: await pipeline.segment(image, request, options) };
  } catch (error) {
    throwIfAborted(signal, 'compare');
    const wrapped = asMaskloomError(
      error,
      signal,
      `segment ${pipeline.id}`,
      (message) =>
        new MaskloomError('INTERNAL', `${pipeline.id} failed: ${message}`, {
          where: pipeline.id,
          cause: error,
        }),
    );
    return { ok: false, pipeline: pipeline.id, error: wrapped };
  }
}
