import { relative } from 'node:path';
import { rleOfRuns, runsOfLabel } from '@maskloom/core';
import type { Dataset, DatasetQuery, DatasetSample } from '@maskloom/data';
import { UNLABELLED } from '@maskloom/data';
import { askedNames } from './class-names.js';
import type { EvalScene, ScenePhrase, SceneQuestion, SceneSegment, SceneSet } from './scene.js';

/**
 * Scenes of an opened data set. Of a class with several names one is asked for, see `askedNames`. Phrases of data sets with false
 * premises are both: those that hold are expressions, all of them are premises.
 * @param limit - the first images only; all when absent
 */
export function datasetScenes(dataset: Dataset, limit?: number): SceneSet {
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
    scenes: read(dataset, limit),
  };
}

async function* read(dataset: Dataset, limit = Infinity): AsyncGenerator<EvalScene> {
  let count = 0;
  for await (const sample of dataset.samples()) {
    if (count++ >= limit) return;
    const { id, path, width, height } = sample;
    const queries = (await sample.queries?.()) ?? [];
    yield {
      id,
      image: relative(dataset.root, path),
      width,
      height,
      segments: await segmentsOf(sample),
      ...asked(dataset, queries),
    };
  }
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
