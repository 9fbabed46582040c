export { bilinearRows, bilinearWeights, resizeBilinear, type AxisWeights, type Plane } from './bilinear.js';
export { MaskUpsampler, type RunsAbove, type UpsampleSizes } from './mask-upsampler.js';
