import { MaskloomError, suggest } from '@maskloom/core';
import { MAX_PICTURE_PIXELS, mustFit } from '../files/limits.js';
import { attempt } from '../files/problems.js';
import type { Dataset, DatasetSample, OpenOptions } from './dataset.js';
import { LOADERS, type DataFormat } from './formats.js';

/** The formats that {@link openDataset} knows. */
export function formats(): readonly DataFormat[] {
  return LOADERS.map(({ open: _, ...format }) => format);
}

/**
 * Opens a data set in place. Annotation files are streamed through once and checked; images, label maps and masks are read
 * when a sample is asked for them, so memory does not grow with the number of images read.
 *
 * ```ts
 * const data = await openDataset('refcoco', 'refer_seg', { split: 'testA', splitBy: 'unc' });
 * for await (const { path, queries } of data.samples()) {
 *   for (const { text, mask } of (await queries?.()) ?? []) console.log(path, text, mask?.size);
 * }
 * ```
 * @param format - an id of {@link formats}
 * @param dir - the data set's folder
 * @throws MaskloomError `OPTION_INVALID` naming the nearest format, `DATA_NOT_FOUND` naming what was looked for,
 * `DATA_INVALID` naming file and field, `ABORTED`
 */
export async function openDataset(format: string, dir: string, options: OpenOptions = {}): Promise<Dataset> {
  const loader = LOADERS.find(({ id }) => id === format);
  if (loader === undefined) {
    throw new MaskloomError('OPTION_INVALID', `There is no data format '${format}'.`, {
      hint: suggest(
        format,
        LOADERS.map(({ id }) => id),
      ),
    });
  }
  const data = await loader.open(dir, options);
  return { ...data, samples: () => within(data, options) };
}

/** The samples whose pictures are small enough; of the others nothing is decoded. */
async function* within(
  data: Dataset,
  { onProblem, maxPixels = MAX_PICTURE_PIXELS }: OpenOptions,
): AsyncGenerator<DatasetSample> {
  for await (const sample of data.samples()) {
    const small = await attempt(onProblem, () => {
      mustFit(sample, maxPixels, sample.path);
      return sample;
    });
    if (small !== undefined) yield small;
  }
}
