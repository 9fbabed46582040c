import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { readLines } from '../files/json-file.js';
import { firstOf } from '../files/layout.js';
import { dataInvalid } from '../files/validate.js';
import type { Dataset, DatasetClass, OpenOptions } from '../open/dataset.js';
import { counted, semanticDataset } from './semantic-dataset.js';
import { pairs } from './pairs.js';

const SPLITS: Readonly<Record<string, string>> = { train: 'training', val: 'validation' };

/**
 * Opens ADE20K scene parsing (150 classes): `annotations/<split>/*.png` with 0 = not labelled, then 1 up to the number of
 * classes, `images/<split>` and the table of classes `objectInfo150.csv` or `.txt`. Class index = value - 1. Also the
 * `ade20k/` folder of the synthetic world, and folders without splits.
 */
export async function openAde150(root: string, options: OpenOptions): Promise<Dataset> {
  const base = firstOf(
    root,
    ['ADEChallengeData2016/annotations', 'ade20k/annotations', 'annotations'],
    'folder annotations',
  );
  const home = join(base, '..');
  const split = chosenSplit(base, options.split);
  const below = split === undefined ? '' : split;
  const images = firstOf(home, [join('images', below), join('..', 'images', below)], 'folder of images');
  const table = firstOf(
    home,
    // The text first: the table with commas divides names of two words as it divides synonyms.
    [
      'objectInfo150.txt',
      'objectInfo150.csv',
      'objectInfo.csv',
      '../objectInfo150.txt',
      '../objectInfo150.csv',
    ],
    'table of the classes',
  );
  const classes = await readClassTable(table);
  return semanticDataset(
    {
      format: 'ade20k-150',
      root,
      split,
      classes,
      items: () => pairs({ images, labels: join(base, below), endings: ['.png'] }, options.onProblem),
      indexOf: counted(classes.length, 1, [0]),
    },
    options,
  );
}

/** `train` and `val` are also `training` and `validation`; folders without splits have none. */
function chosenSplit(annotations: string, wanted: string | undefined): string | undefined {
  const split = wanted === undefined ? 'validation' : (SPLITS[wanted] ?? wanted);
  if (/^\w+$/.test(split) && existsSync(join(annotations, split))) return split;
  if (wanted === undefined) return undefined;
  throw new MaskloomError('DATA_NOT_FOUND', `There is no split '${wanted}'.`, {
    where: annotations,
    hint: 'Splits are the folders training and validation; leave the split out where there are none.',
  });
}

/**
 * Reads ADE20K's table of classes: a header that names `Idx` and `Name` (the last column), commas or tabs between.
 * @throws MaskloomError `DATA_INVALID` unless the rows are numbered from 1
 */
async function readClassTable(file: string): Promise<readonly DatasetClass[]> {
  const [header = '', ...rows] = await readLines(file);
  const divider = header.includes('\t') ? '\t' : ',';
  const columns = header.split(divider).map((column) => column.trim().toLowerCase());
  const [at, name, stuff] = ['idx', 'name', 'stuff'].map((column) => columns.indexOf(column)) as [
    number,
    number,
    number,
  ];
  if (at < 0 || name < 0) throw dataInvalid(file, 'header', 'it has no columns Idx and Name');
  return rows.map((row, i) => {
    const cells = row.split(divider);
    const id = Number(cells[at]);
    const text = cells
      .slice(name, name === columns.length - 1 ? undefined : name + 1)
      .join(divider)
      .trim();
    if (id !== i + 1 || text === '')
      throw dataInvalid(file, `row ${i + 1}`, `class ${i + 1} with a name is wanted`);
    return { id, name: text, ...(stuff < 0 ? {} : { thing: cells[stuff]?.trim() !== '1' }) };
  });
}
