export { bilinearRows, bilinearWeights, resizeBilinear, type AxisWeights, type Plane } from './bilinear.js';
export { MaskUpsampler, type UpsampleSizes } from './mask-upsampler.js';
export type { RunBuilder } from './run-builder.js';
