import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { moveFolder, partialPath, removeAbandoned, throwIfAborted } from '@maskloom/core';
import type { CocoIds, ExportImage, ExportResults, MaskForm } from '@maskloom/data';
import {
  openRunResults,
  protocolNamed,
  subjectLabels,
  type KeptAnswer,
  type OpenRun,
  type SceneSetHead,
} from '@maskloom/eval';
import { writeMasks } from '../output/write-masks.js';
import { writing } from '../output/writing.js';

/** The folder of a run's saved masks, below the run's own. */
export const SAVED = 'saved';

/**
 * Writes the masks that a run has found, from its ledger: `saved/PART/PROTOCOL/FORM/RECIPE/...`. COCO results carry the data
 * set's own ids of images and classes. What an earlier start saved is replaced as a whole.
 * @param folder - the run's
 * @returns the folder written
 * @throws MaskloomError RUN_INVALID, VALUE_INVALID for an image with more masks than its form holds, OUTPUT_UNWRITABLE, ABORTED
 */
export async function saveRunMasks(
  folder: string,
  forms: readonly MaskForm[],
  signal: AbortSignal,
): Promise<string> {
  const target = join(folder, SAVED);
  const staged = partialPath(target);
  await using run = await openRunResults(folder);
  try {
    await writing(folder, async () => {
      removeAbandoned(folder);
      for (const { part, protocol, subjects } of run.plan.work) {
        const store = run.units.store(part);
        if (store === undefined) continue;
        throwIfAborted(signal, 'saving masks');
        const results = subjects.flatMap((subject) => resultsOf(run, part, protocol, subject));
        if (results.length === 0) continue;
        const place = join(fileName(part), fileName(protocol));
        mkdirSync(join(staged, place), { recursive: true });
        const told = protocolNamed(protocol).task === 'semantic';
        const options = {
          folder: join(target, place),
          ids: idsOf(run, part, store.head),
          ...(told ? { labels: store.head.categories.map(({ name }) => name) } : {}),
        };
        await writeMasks(join(staged, place), results, forms, options, signal);
      }
      if (!existsSync(staged)) return;
      rmSync(target, { recursive: true, force: true });
      await moveFolder(staged, target);
    });
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
  return target;
}

/** What one subject found by one protocol, image by image; nothing when it was not asked. */
function resultsOf(run: OpenRun, part: string, protocol: string, subject: number): readonly ExportResults[] {
  const store = run.units.store(part);
  const images: ExportImage[] = [];
  for (let i = 0; store !== undefined && i < store.count; i++) {
    const units = run.units.ofScene(part, i);
    const unit = units.find((one) => one.subject === subject && one.protocol === protocol);
    const result = unit && run.results.result(unit.key);
    if (result === undefined) continue;
    const { image, width, height } = store.read(i);
    images.push({
      path: join(store.head.root, image),
      width,
      height,
      segments: result.answers.flatMap(segmentsOf),
    });
  }
  const name = subjectLabels(run.plan)[subject] ?? '';
  return images.length === 0 ? [] : [{ name, images }];
}

/** Under the class that a mapper has counted a name for, where one has. */
function segmentsOf({ segments, mapping = {} }: KeptAnswer): ExportImage['segments'] {
  return segments.map((segment) => ({ ...segment, label: mapping[segment.label] ?? segment.label }));
}

/** The data set's own ids; images and names that it has no number for are counted from the highest one on. */
function idsOf(run: OpenRun, part: string, { root, categories }: SceneSetHead): CocoIds {
  const store = run.units.store(part);
  const images = new Map<string, number>();
  for (let i = 0; store !== undefined && i < store.count; i++) {
    const { id, image } = store.read(i);
    if (typeof id === 'number') images.set(join(root, image), id);
  }
  const classes = new Map(categories.map(({ name, id }) => [name, id]));
  return { image: numbering(images), category: numbering(classes) };
}

function numbering(known: Map<string, number>): (name: string) => number {
  let last = Math.max(0, ...known.values());
  return (name) => {
    const found = known.get(name) ?? ++last;
    known.set(name, found);
    return found;
  };
}

function fileName(text: string): string {
  return text.replaceAll(/[^a-z0-9-]+/gi, '_');
}
