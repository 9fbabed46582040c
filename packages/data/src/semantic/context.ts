import { join } from 'node:path';
import { findFirst, firstOf } from '../files/layout.js';
import { readLines } from '../files/json-file.js';
import { dataInvalid } from '../files/validate.js';
import { UNLABELLED, type Dataset, type DatasetClass, type OpenOptions } from '../open/dataset.js';
import { CONTEXT_59 } from './context-names.js';
import { openMergedContext } from './context-merged.js';
import { counted, semanticDataset } from './semantic-dataset.js';
import { pairs } from './pairs.js';
import { splitFile } from './split-file.js';

/** Number of PASCAL-Context labels. */
const LABELS = 459;
const CLASSES_59: readonly DatasetClass[] = CONTEXT_59.map(([id, name]) => ({ id, name }));

/**
 * Opens PASCAL-Context with its 59 or 459 classes in the folder of VOC 2010. In this order: label maps that were prepared
 * before (`annotations_detectron2/pc59_<split>/*.png`, `pc459_<split>/*.tif`: class indices), the released
 * `trainval/*.mat` (label ids, 0 = none), and `trainval_merged.json` (59 only). The 459 names come from `labels.txt`.
 */
export async function openContext(root: string, options: OpenOptions, wide: boolean): Promise<Dataset> {
  const home = findFirst(root, ['VOCdevkit/VOC2010', 'VOC2010']) ?? root;
  const split = options.split ?? 'val';
  const name = wide ? 'pc459' : 'pc59';
  const prepared = findFirst(home, /^\w+$/.test(split) ? [`annotations_detectron2/${name}_${split}`] : []);
  const raw = findFirst(home, ['trainval']);
  if (
    !wide &&
    prepared === undefined &&
    raw === undefined &&
    findFirst(home, ['trainval_merged.json']) !== undefined
  )
    return openMergedContext(root, home, split, CLASSES_59, options);
  const labels =
    prepared ?? raw ?? firstOf(home, ['trainval', 'trainval_merged.json'], 'label maps of PASCAL-Context');
  const classes = wide
    ? await readLabels(firstOf(home, ['labels.txt', 'trainval/labels.txt'], 'file labels.txt'))
    : CLASSES_59;
  const list = prepared === undefined ? splitFile(home, split, '.txt', 'pascalcontext_') : undefined;
  const byId = new Map(classes.map(({ id }, index) => [id, index]));
  return semanticDataset(
    {
      format: wide ? 'context-459' : 'context-59',
      root,
      split,
      classes,
      items: () =>
        pairs(
          { images: join(home, 'JPEGImages'), labels, endings: ['.mat', '.tif', '.png'], list },
          options.onProblem,
        ),
      indexOf:
        prepared !== undefined
          ? counted(
              classes.length,
              0,
              [255, 0xffff].filter((value) => value >= classes.length),
            )
          : (value) => byId.get(value) ?? (value <= LABELS ? UNLABELLED : undefined),
    },
    options,
  );
}

/** `labels.txt`: `id: name` in each line. */
async function readLabels(file: string): Promise<readonly DatasetClass[]> {
  const lines = (await readLines(file)).filter((line) => line.includes(':'));
  const classes = lines.map((line) => {
    const [id = '', ...name] = line.split(':');
    return { id: Number(id), name: name.join(':').trim() };
  });
  classes.forEach(({ id, name }, i) => {
    if (id !== i + 1 || name === '')
      throw dataInvalid(file, `line ${i + 1}`, `label ${i + 1} with a name is wanted`);
  });
  if (classes.length !== LABELS)
    throw dataInvalid(file, 'labels', `there are ${classes.length}, ${LABELS} are wanted`);
  return classes;
}
