export { checkDataset, type DatasetReport } from './check/check.js';
export type { CheckOptions, DataProblem } from './check/findings.js';
export {
  annotationMask,
  readCocoAnnotations,
  readCocoInstances,
  type CocoAnnotation,
  type CocoCategory,
  type CocoImage,
  type CocoInstances,
  type CocoRle,
} from './coco/coco.js';
export { readJsonItems, type JsonItem } from './files/json-items.js';
export { readIndexPng, readPanopticPng, type LabelImage } from './files/label-image.js';
export { readPanoptic, type PanopticImage, type PanopticSegment } from './coco/panoptic.js';
export { readReasonSeg, type ReasonSample, type ReasonShape } from './reason/reason.js';
export { drawReasonShapes, IGNORE } from './reason/reason-mask.js';
export { readRefs, type Ref, type RefSentence } from './refer/refer.js';
export {
  readReferring,
  syntheticReferring,
  type ReferringFiles,
  type ReferringImage,
  type ReferringQuery,
} from './refer/referring.js';
