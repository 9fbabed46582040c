export { checkDataset, type DatasetReport } from './check.js';
export type { CheckOptions, DataProblem } from './findings.js';
export {
  annotationMask,
  readCocoAnnotations,
  readCocoInstances,
  type CocoAnnotation,
  type CocoCategory,
  type CocoImage,
  type CocoInstances,
  type CocoRle,
} from './coco.js';
export { readJsonItems, type JsonItem } from './json-items.js';
export { readIndexPng, readPanopticPng, type LabelImage } from './label-image.js';
export { readPanoptic, type PanopticImage, type PanopticSegment } from './panoptic.js';
export { readReasonSeg, type ReasonSample, type ReasonShape } from './reason.js';
export { drawReasonShapes, IGNORE } from './reason-mask.js';
export { readRefs, type Ref, type RefSentence } from './refer.js';
export {
  readReferring,
  syntheticReferring,
  type ReferringFiles,
  type ReferringImage,
  type ReferringQuery,
} from './referring.js';
