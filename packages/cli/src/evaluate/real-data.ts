import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { openDataset, type Dataset } from '@maskloom/data';
import { datasetScenes, type Ablation, type RealPart, type RunPart } from '@maskloom/eval';
import type { DataOptions, RunData } from './run-data.js';

/**
 * The parts of some tables in a folder of real data sets. A part that is not there leaves its columns empty, with the
 * reason; when none is there, that is an error.
 * @throws MaskloomError DATA_NOT_FOUND naming what was looked for, DATA_INVALID
 */
export async function realData(
  tables: readonly Ablation[],
  folder: string,
  { count, signal }: DataOptions,
): Promise<RunData> {
  const wanted = new Map(tables.flatMap(({ data }) => Object.entries(data.real)));
  const opened = new Map<string, Dataset>();
  const parts: RunPart[] = [];
  for (const [name, part] of wanted) {
    const source = (split: string | undefined): RunPart['source'] => ({
      format: part.format,
      ...(split === undefined || split === '' ? {} : { split }),
      ...(count === undefined ? {} : { limit: count }),
    });
    try {
      const dataset = await openPart(folder, part, signal);
      opened.set(name, dataset);
      parts.push({ name, source: source(dataset.split) });
    } catch (error) {
      if (!MaskloomError.is(error) || error.code !== 'DATA_NOT_FOUND') throw error;
      parts.push({ name, source: source(part.split), missing: error.message });
    }
  }
  if (opened.size === 0) {
    const looked = parts.map(({ name, missing = '' }) => `${name}: ${missing}`).join(' ');
    throw new MaskloomError('DATA_NOT_FOUND', `None of the tables' data sets is there. ${looked}`, {
      where: folder,
      hint: 'maskloom data check DIR --format F says what is missing.',
    });
  }
  return {
    world: 'real',
    parts,
    identity: (name) => ({
      folder: opened.get(name)?.root ?? folder,
      ...wanted.get(name),
      count: count ?? null,
    }),
    async open(name) {
      const dataset = opened.get(name);
      if (dataset === undefined)
        throw new MaskloomError('DATA_NOT_FOUND', `There is no data set for '${name}'.`, { where: folder });
      return datasetScenes(dataset, count);
    },
  };
}

/** Opens a part in its usual folder below, or in the folder itself. */
async function openPart(
  folder: string,
  { format, split, folder: below }: RealPart,
  signal: AbortSignal,
): Promise<Dataset> {
  const place = join(folder, below);
  const options = { ...(split === '' ? {} : { split }), signal };
  if (place === folder || !existsSync(place)) return openDataset(format, folder, options);
  try {
    return await openDataset(format, place, options);
  } catch (error) {
    if (!MaskloomError.is(error) || error.code !== 'DATA_NOT_FOUND') throw error;
    return openDataset(format, folder, options);
  }
}
