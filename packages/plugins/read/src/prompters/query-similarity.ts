import {
  MaskloomError,
  type FeatureMap,
  type ImageTransform,
  type PointQuery,
  type ScoreMap,
} from '@maskloom/core';
import type { Grid } from '../sasp/score-grid.js';
import { similarity } from '../sasp/similarity.js';

/** The similarity of a query with the image tokens, as numbers and as a picture of the part that was seen. */
export async function similarityOf({
  query,
  imageStates,
}: PointQuery): Promise<{ readonly scores: Grid; readonly map: ScoreMap }> {
  const [state, tokens] = await Promise.all([query.read(), imageStates.tensor.read()]);
  const scores = similarity(state, tokens, imageStates.rows, imageStates.columns);
  return { scores, map: { kind: 'similarity', ...scores, covers: seen(imageStates.transform) } };
}

/**
 * The transform of image states, which must come from an encoder that crops (a CLIP tower).
 * @throws MaskloomError `VALUE_INVALID` for states of another frame
 */
export function clipTransform(states: FeatureMap): ImageTransform<'ClipPx'> {
  if (states.transform.frame === 'ClipPx') return states.transform as ImageTransform<'ClipPx'>;
  throw new MaskloomError(
    'VALUE_INVALID',
    `Image states are in frame ${states.transform.frame}, not ClipPx.`,
    {
      where: 'read',
      hint: 'Points from similarity need the states of a CLIP tower.',
    },
  );
}

/** The part of the image that the encoder saw, [x, y, width, height] in ImagePx. */
function seen({
  input,
  original,
  scaleX,
  scaleY,
  offsetX,
  offsetY,
}: FeatureMap['transform']): ScoreMap['covers'] {
  const x = offsetX / scaleX;
  const y = offsetY / scaleY;
  return [
    x,
    y,
    Math.min(input.width / scaleX, original.width - x),
    Math.min(input.height / scaleY, original.height - y),
  ];
}
