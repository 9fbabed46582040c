import type { FeatureMap } from '@maskloom/core';
import { fakeTensor } from '@maskloom/core/conformance';

/**
 * Features as the toy language model reads them: [1, 4, 3], a grid of 2 x 2 over a square picture.
 * @param seed - others have other values
 */
export const clipFeatures = (seed = 0): FeatureMap<'ClipPx'> => ({
  space: 'clip',
  layout: 'tokens',
  width: 3,
  rows: 2,
  columns: 2,
  tensor: fakeTensor(
    'float32',
    [1, 4, 3],
    Float32Array.from({ length: 12 }, (_, i) => Math.cos(i + seed)),
  ),
  transform: {
    frame: 'ClipPx',
    original: { width: 16, height: 16 },
    resized: { width: 16, height: 16 },
    input: { width: 16, height: 16 },
    scaleX: 1,
    scaleY: 1,
    offsetX: 0,
    offsetY: 0,
  },
});
