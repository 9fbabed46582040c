import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { openDataset, type Dataset } from '@maskloom/data';
import { datasetScenes, SceneProblems, type Ablation, type RealPart, type RunPart } from '@maskloom/eval';
import type { DataOptions, RunData } from './run-data.js';
import { given } from '../given.js';

interface Opened {
  readonly dataset: Dataset;
  /** What is wrong with its records; absent when the first one ends the run. */
  readonly problems: SceneProblems | undefined;
}

/**
 * The parts of some tables in a folder of real data sets. A part that is not there leaves its columns empty, with the
 * reason; when none is there, that is an error.
 * @throws MaskloomError DATA_NOT_FOUND naming what was looked for, DATA_INVALID
 */
export async function realData(
  tables: readonly Ablation[],
  folder: string,
  options: DataOptions,
): Promise<RunData> {
  const { count, strict = false, drawn, annotations, images, maxPixels } = options;
  const wanted = new Map(tables.flatMap(({ data }) => Object.entries(data.real)));
  const opened = new Map<string, Opened>();
  const parts: RunPart[] = [];
  for (const [name, part] of wanted) {
    const source = (split: string | undefined): RunPart['source'] => ({
      format: part.format,
      ...(split === undefined || split === '' ? {} : { split }),
      ...(count === undefined ? {} : { limit: count }),
    });
    try {
      const problems = strict ? undefined : new SceneProblems();
      const dataset = await openPart(folder, part, options, problems);
      opened.set(name, { dataset, problems });
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
      folder: opened.get(name)?.dataset.root ?? folder,
      ...wanted.get(name),
      count: count ?? null,
      ...(strict ? { strict } : {}),
      ...given({ drawn, annotations, images, maxPixels }),
    }),
    async open(name) {
      const found = opened.get(name);
      if (found === undefined)
        throw new MaskloomError('DATA_NOT_FOUND', `There is no data set for '${name}'.`, { where: folder });
      return datasetScenes(found.dataset, count, found.problems);
    },
  };
}

/** Opens a part in its usual folder below, or in the folder itself. */
async function openPart(
  folder: string,
  { format, split, folder: below }: RealPart,
  { signal, drawn, annotations, images, maxPixels }: DataOptions,
  problems: SceneProblems | undefined,
): Promise<Dataset> {
  const place = join(folder, below);
  const options = {
    signal,
    drawn,
    annotations,
    images,
    maxPixels,
    onProblem: problems?.report,
    ...(split === '' ? {} : { split }),
  };
  if (place === folder || !existsSync(place)) return openDataset(format, folder, options);
  try {
    return await openDataset(format, place, options);
  } catch (error) {
    if (!MaskloomError.is(error) || error.code !== 'DATA_NOT_FOUND') throw error;
    return openDataset(format, folder, options);
  }
}
