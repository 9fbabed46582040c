import { join } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { z } from 'zod';
import { readJsonFile } from '../files/json-file.js';
import { findFirst, firstOf } from '../files/layout.js';
import { validate } from '../files/validate.js';
import type { Dataset, OpenOptions } from '../open/dataset.js';
import { counted, semanticDataset } from './semantic-dataset.js';
import { pairs } from './pairs.js';

const SPLITS: Readonly<Record<string, string>> = { train: 'training', val: 'validation' };
const configSchema = z.object({
  labels: z
    .array(
      z.object({ name: z.string().min(1), readable: z.string().min(1), instances: z.boolean().optional() }),
    )
    .min(1)
    .max(4096),
});

/**
 * Opens Mapillary Vistas 2.0: `<split>/v2.0/labels/*.png` (palette) with `<split>/images/*.jpg`; a value is a place in the
 * labels of `config_v2.0.json`, whose `readable` names are taken in lower case. No value is left out (as LISA does).
 */
export async function openVistas(root: string, options: OpenOptions): Promise<Dataset> {
  const file = firstOf(root, ['config_v2.0.json', 'mapillary/config_v2.0.json'], 'file config_v2.0.json');
  const home = join(file, '..');
  const wanted = options.split ?? 'validation';
  const split = SPLITS[wanted] ?? wanted;
  const labels = /^\w+$/.test(split)
    ? findFirst(home, [join(split, 'v2.0/labels'), join(split, 'labels')])
    : undefined;
  if (labels === undefined) {
    throw new MaskloomError('DATA_NOT_FOUND', `There are no label maps of split '${wanted}'.`, {
      where: join(home, split, 'v2.0/labels'),
      hint: 'Splits are training and validation; the test split has no labels.',
    });
  }
  const config = validate(configSchema, await readJsonFile(file), file, 'config');
  const classes = config.labels.map(({ readable, instances }, id) => ({
    id,
    name: readable.toLowerCase(),
    ...(instances === undefined ? {} : { thing: instances }),
  }));
  const images = join(home, split, 'images');
  return semanticDataset(
    {
      format: 'vistas-v2',
      root,
      split,
      classes,
      items: () => pairs({ images, labels, endings: ['.png'] }, options.onProblem),
      indexOf: counted(classes.length, 0, []),
    },
    options,
  );
}
