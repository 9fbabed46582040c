import { openCocoInstances, openCocoPanoptic } from '../coco/open-coco.js';
import { openLabelme } from '../labelme/open-labelme.js';
import { openPaco, openPascalPart } from '../parts/open-parts.js';
import { openReasonSeg } from '../reason/open-reason.js';
import { openRefer } from '../refer/open-refer.js';
import { REFER_LAYOUTS } from '../refer/refer-layouts.js';
import { openAde150 } from '../semantic/ade20k-150.js';
import { openAde847 } from '../semantic/ade20k-847.js';
import { openCocoStuff } from '../semantic/coco-stuff.js';
import { openContext } from '../semantic/context.js';
import { openVistas } from '../semantic/vistas.js';
import { openVoc } from '../semantic/voc.js';
import type { Dataset, DatasetKind, OpenOptions } from './dataset.js';

/** A form that data sets come in. */
export interface DataFormat {
  /** What `openDataset` and `maskloom data check --format` call it. */
  readonly id: string;
  /** Its name. */
  readonly title: string;
  /** What it says about its images. */
  readonly kind: DatasetKind;
  /** The files it is recognised by, below its folder. */
  readonly layout: string;
  /** Its usual splits; the first is taken when none is named. */
  readonly splits: readonly string[];
  /** True when a folder of the synthetic world opens as it. */
  readonly synthetic: boolean;
}

/** A format with the loader behind it. */
export interface FormatLoader extends DataFormat {
  /** Opens a folder of this form. */
  readonly open: (root: string, options: OpenOptions) => Promise<Dataset>;
}

function format(
  id: string,
  title: string,
  kind: DatasetKind,
  layout: string,
  splits: readonly string[],
  open: FormatLoader['open'],
  synthetic = false,
): FormatLoader {
  return { id, title, kind, layout, splits, synthetic, open };
}

const REFER_TITLES: Readonly<Record<string, string>> = {
  refcoco: 'RefCOCO',
  'refcoco+': 'RefCOCO+',
  refcocog: 'RefCOCOg',
  refclef: 'refCLEF (ReferItGame)',
  grefcoco: 'gRefCOCO, several targets or none',
  'fp-refcoco': 'FP-RefCOCO, false premises',
  'fp-refcoco+': 'FP-RefCOCO+, false premises',
  'fp-refcocog': 'FP-RefCOCOg, false premises',
  'r-refcoco': 'R-RefCOCO, robust referring',
  'r-refcoco+': 'R-RefCOCO+, robust referring',
  'r-refcocog': 'R-RefCOCOg, robust referring',
};
const TEST_AB = ['val', 'train', 'testA', 'testB'];
const REFER_SPLITS: Readonly<Record<string, readonly string[]>> = {
  refcocog: ['val', 'train', 'test'],
  refclef: ['val', 'train', 'testA', 'testB', 'testC'],
};

/** Every format with its loader. */
export const LOADERS: readonly FormatLoader[] = [
  format(
    'coco-instances',
    'COCO instances',
    'instances',
    'annotations/instances_<split>.json, <split>/',
    ['val', 'train'],
    openCocoInstances,
    true,
  ),
  format(
    'coco-panoptic',
    'COCO panoptic',
    'panoptic',
    'annotations/panoptic_<split>.json, annotations/panoptic_<split>/, <split>/',
    ['val', 'train'],
    openCocoPanoptic,
    true,
  ),
  format(
    'coco-stuff',
    'COCO-Stuff, 171 classes',
    'semantic',
    'stuffthingmaps/<split>2017/, images/<split>2017/',
    ['val', 'train'],
    openCocoStuff,
  ),
  format(
    'ade20k-150',
    'ADE20K scene parsing, 150 classes',
    'semantic',
    'annotations/<split>/, images/<split>/, objectInfo150.csv or .txt',
    ['validation', 'training'],
    openAde150,
    true,
  ),
  format(
    'ade20k-847',
    'ADE20K full, 847 classes',
    'semantic',
    'images/ADE/<split>/ or annotations_detectron2/<split>/, index_ade20k.pkl',
    ['validation', 'training'],
    openAde847,
  ),
  format(
    'voc-20',
    'PASCAL VOC 2012, background left out',
    'semantic',
    'ImageSets/Segmentation/<split>.txt, SegmentationClass(Aug)/, JPEGImages/',
    ['val', 'train', 'trainval'],
    (root, options) => openVoc(root, options, false),
  ),
  format(
    'voc-20b',
    'PASCAL VOC 2012, background a class',
    'semantic',
    'ImageSets/Segmentation/<split>.txt, SegmentationClass(Aug)/, JPEGImages/',
    ['val', 'train', 'trainval'],
    (root, options) => openVoc(root, options, true),
  ),
  format(
    'context-59',
    'PASCAL-Context, 59 classes',
    'semantic',
    'trainval/*.mat with pascalcontext_<split>.txt, or trainval_merged.json, JPEGImages/',
    ['val', 'train'],
    (root, options) => openContext(root, options, false),
  ),
  format(
    'context-459',
    'PASCAL-Context, 459 classes',
    'semantic',
    'trainval/*.mat with pascalcontext_<split>.txt, labels.txt, JPEGImages/',
    ['val', 'train'],
    (root, options) => openContext(root, options, true),
  ),
  format(
    'vistas-v2',
    'Mapillary Vistas 2.0',
    'semantic',
    'config_v2.0.json, <split>/v2.0/labels/, <split>/images/',
    ['validation', 'training'],
    openVistas,
  ),
  format(
    'paco-lvis',
    'PACO-LVIS, objects and parts',
    'parts',
    'annotations/paco_lvis_v1_<split>.json, coco/',
    ['val', 'train', 'test'],
    openPaco,
  ),
  format(
    'pascal-part',
    'PASCAL-Part',
    'parts',
    '<split>.json, VOCdevkit/VOC2010/JPEGImages/',
    ['val', 'train'],
    openPascalPart,
  ),
  ...REFER_LAYOUTS.map((layout) =>
    format(
      layout.format,
      REFER_TITLES[layout.format] ?? layout.format,
      'referring',
      `${layout.folder}/${layout.stem}(${layout.splitBy[0] ?? ''}).p or .json, instances.json, ${layout.images[0] ?? ''}/`,
      REFER_SPLITS[layout.format.replace(/^(fp|r)-/, '')] ?? TEST_AB,
      (root, options) => openRefer(root, options, layout),
      layout.synthetic !== undefined,
    ),
  ),
  format(
    'reasonseg',
    'ReasonSeg, also with false premises',
    'reasoning',
    '<split>/name.json with name.jpg',
    ['val', 'test', 'train'],
    openReasonSeg,
    true,
  ),
  format('labelme', 'labelme polygons', 'instances', 'name.json with the image it names', [], openLabelme),
];
