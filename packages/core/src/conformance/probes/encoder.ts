import type { FeatureMap } from '../../domain/feature-map.js';
import { must, mustAgree, mustBeFinite, mustEqual } from '../expectations.js';
import type { Fixture } from '../fixture.js';
import { probe, type SlotProbe } from '../probe.js';

/** The contract of features: shape, geometry, finite values. */
export async function checkFeatures(features: FeatureMap, at: Fixture): Promise<void> {
  const { layout, tensor, rows, columns, width, transform } = features;
  const dims = layout === 'grid' ? [1, width, rows, columns] : [1, rows * columns, width];
  mustEqual(tensor.dims, dims, `the ${layout} tensor's shape`);
  must(tensor.dtype === 'float32', `The features are ${tensor.dtype}, not float32.`);
  must(features.space !== '', 'The features do not name their space.');
  const { original, resized, scaleX, scaleY } = transform;
  mustEqual(
    [original.width, original.height],
    [at.image.width, at.image.height],
    "the transform's original size",
  );
  mustAgree(
    [scaleX, scaleY],
    [resized.width / original.width, resized.height / original.height],
    1e-9,
    "the transform's scale",
  );
  const values = await tensor.read();
  must(
    values.length === dims.reduce((product, axis) => product * axis, 1),
    `${values.length} values do not fill [${dims.join(', ')}].`,
  );
  mustBeFinite(values, 'features');
}

const definition: SlotProbe<'Encoder', FeatureMap> = {
  call: (stage, at, run) => stage.encode(at.image, run),
  check(features, stage, at) {
    must(stage.cacheKey !== '', 'The encoder has an empty cacheKey.');
    return checkFeatures(features, at);
  },
};

/** Probe of the slot Encoder. */
export const encoderProbe = probe('Encoder', definition);
/** Probe of the slot VisionEncoder. */
export const visionEncoderProbe: SlotProbe<'VisionEncoder'> = encoderProbe;
