import { relative } from 'node:path';
import { rleOfRuns, runsOfLabel, type MaskloomError } from '@maskloom/core';
import {
  drawnPicture,
  isDataError,
  UNLABELLED,
  type Dataset,
  type DatasetQuery,
  type DatasetSample,
} from '@maskloom/data';
import { askedNames } from './class-names.js';
import type { EvalScene, ScenePhrase, SceneQuestion, SceneRemarks, SceneSegment, SceneSet } from './scene.js';

/**
 * Scenes of an opened data set. Of a class with several names one is asked for, see `askedNames`. Phrases of data sets with false
 * premises are both: those that hold are expressions, all of them are premises.
 * @param limit - the first images only; all when absent
 * @param problems - what the data set reports to (its `onProblem`): with it, records that cannot be read are left out and counted;
 * without it the first one is thrown
 */
export function datasetScenes(dataset: Dataset, limit?: number, problems?: SceneProblems): SceneSet {
  const names = askedNames(dataset.classes.map(({ name }) => name));
  return {
    head: {
      root: dataset.root,
      categories: dataset.classes.map(({ name, thing = true }, id) => ({
        id,
        name: names[id] ?? name,
        isThing: thing,
      })),
      source: {
        format: dataset.format,
        ...(dataset.split === undefined ? {} : { split: dataset.split }),
        ...(limit === undefined ? {} : { limit }),
      },
    },
    scenes: read(dataset, limit, problems),
    ...(problems === undefined ? {} : { remarks: () => problems.remarks }),
  };
}

/** Collects what is wrong with single records of a data set. */
export class SceneProblems {
  readonly #reasons = new Set<string>();
  readonly #notes = new Set<string>();

  /** To be given to `openDataset` as `onProblem`. */
  readonly report = (error: MaskloomError): void => {
    this.#reasons.add(`${error.code}: ${error.message}`);
  };

  /** What is not wrong, but good to know. */
  note(text: string): void {
    this.#notes.add(text);
  }

  /** Everything so far; a record that is met twice counts once. */
  get remarks(): SceneRemarks {
    return {
      skipped: this.#reasons.size,
      reasons: [...this.#reasons].slice(0, SHOWN),
      notes: [...this.#notes].slice(0, SHOWN),
    };
  }
}

/** Reasons and notes that are kept word for word. */
const SHOWN = 20;

async function* read(
  dataset: Dataset,
  limit = Infinity,
  problems: SceneProblems | undefined,
): AsyncGenerator<EvalScene> {
  let count = 0;
  if (limit <= 0) return;
  for (const note of dataset.notes ?? []) problems?.note(note);
  for await (const sample of dataset.samples()) {
    const scene = await sceneOf(dataset, sample, problems).catch((error: unknown) => {
      if (problems === undefined || !isDataError(error)) throw error;
      problems.report(error);
      return undefined;
    });
    if (scene === undefined) continue;
    yield scene;
    if (++count >= limit) return;
  }
}

async function sceneOf(
  dataset: Dataset,
  sample: DatasetSample,
  problems: SceneProblems | undefined,
): Promise<EvalScene> {
  const { id, path, width, height } = sample;
  const { drawn, note } = await drawnPicture(path, sample, dataset.drawn);
  for (const text of [...(sample.notes ?? []), ...(note === undefined ? [] : [note])]) problems?.note(text);
  const queries = (await sample.queries?.()) ?? [];
  return {
    id,
    image: relative(dataset.root, path),
    width,
    height,
    ...(note !== undefined && drawn === 'stored' ? { drawn } : {}),
    segments: await segmentsOf(sample),
    ...asked(dataset, queries),
  };
}

function asked(
  { kind }: Dataset,
  queries: readonly DatasetQuery[],
): Pick<EvalScene, 'expressions' | 'premises' | 'questions'> {
  const holding = queries.filter(({ present }) => present);
  const premises = holding.length < queries.length ? { premises: queries.map(phraseOf) } : {};
  if (kind === 'reasoning') return { questions: holding.map(questionOf), ...premises };
  return kind === 'referring' ? { expressions: holding.map(phraseOf), ...premises } : {};
}

function phraseOf({
  text,
  present,
  kind,
  needsRelation,
  annId,
  mask,
  parts,
  ignore,
}: DatasetQuery): ScenePhrase {
  return {
    text,
    present,
    targets: [annId],
    ...(mask === undefined ? {} : { mask }),
    ...(parts.length > 1 ? { parts } : {}),
    ...(ignore === undefined ? {} : { ignore }),
    ...(kind === undefined ? {} : { kind }),
    ...(needsRelation === undefined ? {} : { needsRelation }),
  };
}

function questionOf({ texts, isSentence = false, mask, ignore }: DatasetQuery): SceneQuestion {
  return {
    texts,
    isSentence,
    ...(mask === undefined ? {} : { mask }),
    ...(ignore === undefined ? {} : { ignore }),
  };
}

async function segmentsOf(sample: DatasetSample): Promise<readonly SceneSegment[]> {
  if (sample.segments !== undefined)
    return (await sample.segments()).map(({ id, classIndex, mask, crowd }) => ({
      id,
      categoryId: classIndex,
      mask,
      ...(crowd ? { crowd } : {}),
    }));
  if (sample.labels === undefined) return [];
  const { width, height, labels } = await sample.labels();
  const values = [...new Set(labels)].filter((value) => value !== UNLABELLED).sort((a, b) => a - b);
  const wide = Int32Array.from(labels);
  return values.map((value) => ({
    id: value,
    categoryId: value,
    mask: rleOfRuns(runsOfLabel(wide, width, height, value)),
  }));
}
