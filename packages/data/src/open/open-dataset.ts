import { MaskloomError, suggest } from '@maskloom/core';
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
  const { maxPixels } = options;
  return maxPixels === undefined ? data : { ...data, samples: () => within(data, maxPixels, options) };
}

/** The samples whose pictures are small enough; of the others nothing is decoded. */
async function* within(
  data: Dataset,
  maxPixels: number,
  { onProblem }: OpenOptions,
): AsyncGenerator<DatasetSample> {
  for await (const sample of data.samples()) {
    const { path, width, height } = sample;
    const small = await attempt(onProblem, () => {
      if (width * height <= maxPixels) return sample;
      throw new MaskloomError(
        'IMAGE_TOO_LARGE',
        `The picture has ${width} x ${height} pixels; at most ${maxPixels} are read.`,
        {
          where: path,
          hint: 'Make it smaller, or raise maxPixels (--max-pixels).',
        },
      );
    });
    if (small !== undefined) yield small;
  }
}
