export * from './mask/exports.js';
export type { RleMask } from './mask/rle-mask.js';
export {
  maskOfSegmentation,
  masksOfSegmentation,
  type Segmentation,
  type SegmentationRle,
} from './mask/segmentation.js';
export * from './upsample/exports.js';
export type * from './errors/codes.js';
export * from './errors/maskloom-error.js';
export * from './errors/nearest.js';
export * from './errors/aborted.js';
export { onAbort } from './errors/on-abort.js';
export { visible } from './errors/visible.js';
export * from './text/trim.js';
export { Prng } from './random/prng.js';
export { mixRectangle, Scratch, sourcesOf, type Rectangle, type Span } from './upsample/mix-rectangle.js';
export { kernelMaker, type Kernel } from './wasm/kernel.js';
