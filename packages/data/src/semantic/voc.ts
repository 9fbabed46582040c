import { join } from 'node:path';
import { firstOf } from '../files/layout.js';
import { UNLABELLED, type Dataset, type DatasetClass, type OpenOptions } from '../open/dataset.js';
import { counted, semanticDataset } from './semantic-dataset.js';
import { pairs } from './pairs.js';
import { splitFile } from './split-file.js';
import { VOC_NAMES } from './voc-names.js';

/** The value of pixels that VOC leaves out of the score (object borders). */
const VOID = 255;

/**
 * Opens PASCAL VOC 2012 segmentation: palette PNGs of `SegmentationClassAug` where it exists, else `SegmentationClass`;
 * 0 is background, 1 to 20 are classes, 255 is void.
 * @param background - false (VOC 20): background is not labelled; true (VOC 20b): it is class index 20, after the classes,
 * as open-vocabulary benchmarks have it
 */
export async function openVoc(root: string, options: OpenOptions, background: boolean): Promise<Dataset> {
  const lists = firstOf(
    root,
    ['VOCdevkit/VOC2012', 'VOC2012', '.'].map((p) => join(p, 'ImageSets/Segmentation')),
    'folder ImageSets/Segmentation',
  );
  const home = join(lists, '../..');
  const split = options.split ?? 'val';
  const list = splitFile(lists, split, '.txt');
  const labels = firstOf(home, ['SegmentationClassAug', 'SegmentationClass'], 'folder SegmentationClass');
  const images = join(home, 'JPEGImages');
  const classes: DatasetClass[] = VOC_NAMES.map((name, i) => ({ id: i + 1, name, thing: true }));
  if (background) classes.push({ id: 0, name: 'background', thing: false });
  const indexOf = counted(VOC_NAMES.length, 1, [VOID]);
  return semanticDataset(
    {
      format: background ? 'voc-20b' : 'voc-20',
      root,
      split,
      classes,
      items: () => pairs({ images, labels, endings: ['.png'], list }, options.onProblem),
      indexOf: (value) => (value === 0 ? (background ? VOC_NAMES.length : UNLABELLED) : indexOf(value)),
    },
    options,
  );
}
