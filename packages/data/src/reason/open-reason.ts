import { basename } from 'node:path';
import { encodeMask, throwIfAborted, type RleMask } from '@maskloom/core';
import { filesOf, findFirst, firstOf } from '../files/layout.js';
import { drawnPicture } from '../files/picture-sizes.js';
import { attempt } from '../files/problems.js';
import type { Dataset, DatasetQuery, DatasetSample, OpenOptions } from '../open/dataset.js';
import { readReasonRecord, type ReasonSample } from './reason.js';
import { drawReasonShapes, IGNORE } from './reason-mask.js';

/**
 * Opens ReasonSeg: `<split>/name.json` with `name.jpg` beside it, in the order of their names; also the `reason/` folder of
 * the synthetic world. A record's first query is its question; entries of `false_premise_QA` (the form of SESAME) follow
 * as queries about nothing in the image. Records without an outline stay, with a note: their target is empty.
 */
export async function openReasonSeg(root: string, options: OpenOptions): Promise<Dataset> {
  const { folder, split } = await splitFolder(root, options.split);
  const { onProblem, signal, length, drawn = 'shown', maxPixels } = options;
  const names = await filesOf(folder, ['.json', '.jpg', '.jpeg', '.png']);
  const files = new Set(names);
  const records = names.filter((name) => name.endsWith('.json'));
  async function* samples(): AsyncGenerator<DatasetSample> {
    for (const name of records) {
      throwIfAborted(signal, `reading ${folder}`);
      const sample = await attempt(onProblem, async () => {
        const record = await readReasonRecord(folder, name, files);
        if (length !== undefined && record.isSentence !== (length === 'long')) return undefined;
        const { size } = await drawnPicture(record.imagePath, undefined, drawn, maxPixels);
        return sampleOf(record, size);
      });
      if (sample !== undefined) yield sample;
    }
  }
  return { format: 'reasonseg', kind: 'reasoning', root, split, drawn, classes: [], samples };
}

async function splitFolder(
  root: string,
  wanted: string | undefined,
): Promise<{ folder: string; split: string | undefined }> {
  const homes = ['.', 'ReasonSeg', 'reason_seg/ReasonSeg', 'reason'];
  if (
    wanted === undefined &&
    (await filesOf(root, ['.json'])).length > 0 &&
    findFirst(root, ['synth.json']) === undefined
  )
    return { folder: root, split: undefined };
  const splits = wanted === undefined ? ['val', 'test', 'train'] : /^\w+$/.test(wanted) ? [wanted] : [];
  const places = splits.flatMap((split) => homes.map((home) => `${home}/${split}`));
  const folder = firstOf(root, places, wanted === undefined ? 'split' : `split '${wanted}'`);
  return { folder, split: basename(folder) };
}

function sampleOf(record: ReasonSample, { width, height }: { width: number; height: number }): DatasetSample {
  const id = basename(record.jsonPath, '.json');
  const hasTarget = record.shapes.some(({ label }) => !/^flag$|ignore/i.test(label));
  return {
    id,
    path: record.imagePath,
    width,
    height,
    queries: async () => queriesOf(id, record, width, height),
    ...(hasTarget
      ? {}
      : { notes: [`${record.jsonPath}: it has no outline of a target, so its mask is empty`] }),
  };
}

function queriesOf(id: string, record: ReasonSample, width: number, height: number): readonly DatasetQuery[] {
  const drawn = drawReasonShapes(record.shapes, width, height);
  const mask = pixelsOf(drawn, 1, width, height);
  const ignore = drawn.includes(IGNORE) ? pixelsOf(drawn, IGNORE, width, height) : undefined;
  const common = {
    kind: undefined,
    needsRelation: undefined,
    referenceAnnId: undefined,
    truth: undefined,
    annId: record.annIds[0] ?? -1,
    categoryId: -1,
    ignore,
  };
  const question: DatasetQuery = {
    ...common,
    id,
    sentId: 0,
    text: record.texts[0] as string,
    texts: record.texts,
    isSentence: record.isSentence,
    present: true,
    annIds: record.annIds,
    mask,
    parts: [mask],
    answer: undefined,
  };
  const lies = record.falsePremises.map(({ question: text, isSentence, answer }, k): DatasetQuery => ({
    ...common,
    id: `${id}#false${k}`,
    sentId: k + 1,
    text,
    texts: [text],
    isSentence,
    present: false,
    annIds: [],
    mask: undefined,
    parts: [],
    answer,
  }));
  return [question, ...lies];
}

function pixelsOf(drawn: Uint8Array, value: number, width: number, height: number): RleMask {
  return encodeMask(
    drawn.map((v) => (v === value ? 1 : 0)),
    width,
    height,
  );
}
