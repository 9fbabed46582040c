import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Segment } from '@maskloom/core';
import { meanAgreement } from '@maskloom/report';
import type { StudioExample } from '@maskloom/studio';
import { readPredictions } from '../output/read-predictions.js';
import type { PredictionRun, Predictions } from '../output/predictions.js';

/** Images of a run that are listed. */
const MOST = 50;

/**
 * The worst images of a folder that `compare` or `segment` wrote, with what was asked about each: those where something failed
 * first, then those on which the systems agree least.
 * @param folder - any folder
 * @returns nothing when it holds no `predictions.json`
 * @throws MaskloomError DATA_INVALID
 */
export async function worstOfRun(folder: string): Promise<readonly StudioExample[] | undefined> {
  const file = join(folder, 'predictions.json');
  if (!existsSync(file)) return undefined;
  const predictions = await readPredictions(file);
  return ranked(predictions)
    .filter(({ path }) => existsSync(path))
    .slice(0, MOST)
    .map(({ path, note, run }) => ({
      path,
      name: `${basename(folder)}: ${basename(path)} (${note})`,
      questions: async () => [{ ask: run.text === '' ? {} : { text: run.text }, task: run.task, note }],
    }));
}

function ranked({ runs, failures }: Predictions) {
  const byImage = new Map<string, PredictionRun[]>();
  for (const run of runs) {
    const key = JSON.stringify([run.image.path, run.text]);
    byImage.set(key, [...(byImage.get(key) ?? []), run]);
  }
  const failed = new Set(failures.map(({ path }) => path));
  const images = [...byImage.values()].flatMap((own) => {
    const [run] = own;
    if (run === undefined) return [];
    const { path } = run.image;
    const agreement = meanAgreement(own.map(segmentsOf), run.image);
    const note = failed.has(path)
      ? 'a system failed'
      : agreement === undefined
        ? 'one system'
        : `agreement ${agreement.toFixed(2)}`;
    return [{ path, run, note, worth: failed.has(path) ? -1 : (agreement ?? 1) }];
  });
  return images.sort((a, b) => a.worth - b.worth);
}

function segmentsOf({ segments }: PredictionRun): readonly Segment[] {
  return segments.map(({ segmentation, ...segment }) => ({ ...segment, mask: segmentation }));
}
