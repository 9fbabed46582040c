export { checkDataset, type DatasetReport } from './check/check.js';
export { checkFormat, type FormatReport } from './check/check-format.js';
export type { CheckOptions, DataProblem } from './check/findings.js';
export {
  annotationMask,
  annotationParts,
  readCocoAnnotations,
  readCocoInstances,
  type CocoAnnotation,
  type CocoCategory,
  type CocoImage,
  type CocoInstances,
  type CocoRle,
} from './coco/coco.js';
export { CocoStore } from './coco/store.js';
export { readJsonItems, type JsonItem } from './files/json-items.js';
export {
  imageSize,
  readIndexPng,
  readLabelFile,
  readPanopticPng,
  type LabelImage,
} from './files/label-image.js';
export {
  drawnPicture,
  pictureSizes,
  type Drawn,
  type DrawnPicture,
  type PictureSizes,
} from './files/picture-sizes.js';
export { isDataError } from './files/problems.js';
export type { OnProblem } from './files/problems.js';
export { readPanoptic, type PanopticImage, type PanopticSegment } from './coco/panoptic.js';
export {
  UNLABELLED,
  type Dataset,
  type DatasetClass,
  type DatasetKind,
  type DatasetQuery,
  type DatasetSample,
  type DatasetSegment,
  type LabelMap,
  type OpenOptions,
} from './open/dataset.js';
export type { DataFormat } from './open/formats.js';
export { formats, openDataset } from './open/open-dataset.js';
export { parsePickle, readPickle } from './pickle/read-pickle.js';
export {
  readReasonSeg,
  type ReasonFalsePremise,
  type ReasonSample,
  type ReasonShape,
} from './reason/reason.js';
export { fillOutline } from './reason/fill-outline.js';
export { drawReasonShapes, IGNORE } from './reason/reason-mask.js';
export { readRefs, type Ref, type RefSentence } from './refer/refer.js';
export {
  readReferring,
  syntheticReferring,
  type ReferringFiles,
  type ReferringImage,
  type ReferringQuery,
} from './refer/referring.js';
export { dataInvalid } from './files/validate.js';
export { inside } from './files/inside.js';
export * from './export/exports.js';
