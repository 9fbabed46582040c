import { MaskloomError } from '@maskloom/masks';
import type { FeatureMap } from './feature-map.js';
import type { Frame } from './frames.js';

/**
 * Features whose geometry leads to a given frame, typed so: what a recipe calls before it takes prompts there.
 *
 * @example
 * const features = requireFrame(await stages.Encoder.encode(image, run), 'SamPx');
 * const points = toFrame(prompt.points, features.transform); // PointSet<'SamPx'>
 * @throws MaskloomError STAGE_MISMATCH when the encoder's input is another frame
 */
export function requireFrame<F extends Frame>(features: FeatureMap, frame: F): FeatureMap<F> {
  if (isIn(features, frame)) return features;
  throw new MaskloomError(
    'STAGE_MISMATCH',
    `Features of space '${features.space}' are in frame ${features.transform.frame}, not ${frame}.`,
    { where: 'requireFrame', hint: `Use an encoder whose input is ${frame}.` },
  );
}

function isIn<F extends Frame>(features: FeatureMap, frame: F): features is FeatureMap<F> {
  return features.transform.frame === frame;
}
