import { basename, join } from 'node:path';
import { z } from 'zod';
import { readJsonFile } from '../files/json-file.js';
import { asDataError } from '../files/json-items.js';
import { filesOf } from '../files/layout.js';
import { dataInvalid, validate } from '../files/validate.js';

/** OpenCV's coordinates are 32-bit. */
const coordinate = z.number().min(-0x7fffffff).max(0x7fffffff);
const recordSchema = z.object({
  text: z.array(z.string().min(1)).min(1),
  is_sentence: z.boolean(),
  shapes: z.array(z.object({ label: z.string(), points: z.array(z.tuple([coordinate, coordinate])).min(1) })),
  false_premise_QA: z.array(z.tuple([z.string().min(1), z.boolean(), z.string()])).optional(),
  image_name: z.string().optional(),
  ann_ids: z.array(z.number().int().nonnegative()).optional(),
});

/** A labelled outline of a ReasonSeg record, points in ImagePx. */
export interface ReasonShape {
  /** `target`, `ignore...`, `flag` or a name. */
  readonly label: string;
  /** [x, y] each. */
  readonly points: readonly (readonly [number, number])[];
}

/** A question about what is not in the image, of the form that SESAME added. */
export interface ReasonFalsePremise {
  /** What is asked. */
  readonly question: string;
  /** True for a whole question. */
  readonly isSentence: boolean;
  /** The answer that corrects it. */
  readonly answer: string;
}

/** One ReasonSeg record. */
export interface ReasonSample {
  /** Path of the record. */
  readonly jsonPath: string;
  /** Path of the image beside it. */
  readonly imagePath: string;
  /** Wordings; evaluation uses the first (LISA, READ). */
  readonly texts: readonly string[];
  /** True for whole questions ("long"), false for phrases ("short"). */
  readonly isSentence: boolean;
  /** The labelled outlines. */
  readonly shapes: readonly ReasonShape[];
  /** Annotations that give the exact mask, where the data has them. */
  readonly annIds: readonly number[];
  /** Questions about nothing in the image; none in the original files. */
  readonly falsePremises: readonly ReasonFalsePremise[];
}

/**
 * Reads a ReasonSeg split: `name.jpg` or `name.png` with `name.json` beside it, in the order of their names. Texts are
 * UTF-8, or cp1252 where they are not (as in the released files).
 * @param folder - e.g. `reason/val`
 * @throws MaskloomError `DATA_NOT_FOUND` when the folder is missing or has no records, `DATA_INVALID` naming file and
 * field when a record is malformed or its image is missing
 */
export async function* readReasonSeg(folder: string): AsyncGenerator<ReasonSample> {
  const names = await filesOf(folder, ['.json', '.jpg', '.jpeg', '.png']);
  const files = new Set(names);
  const records = names.filter((name) => name.endsWith('.json'));
  if (records.length === 0)
    throw asDataError(Object.assign(new Error('no records'), { code: 'ENOENT' }), join(folder, '*.json'));
  for (const name of records) yield readReasonRecord(folder, name, files);
}

/**
 * Reads one record of a ReasonSeg folder.
 * @param name - its JSON file
 * @param files - the names of the folder's files
 * @throws MaskloomError `DATA_INVALID` naming file and field
 */
export async function readReasonRecord(
  folder: string,
  name: string,
  files: ReadonlySet<string>,
): Promise<ReasonSample> {
  const jsonPath = join(folder, name);
  const record = validate(recordSchema, await readJsonFile(jsonPath), jsonPath, 'record');
  const stem = basename(name, '.json');
  const image = ['.jpg', '.png', '.jpeg'].map((ending) => stem + ending).find((file) => files.has(file));
  if (image === undefined)
    throw dataInvalid(jsonPath, 'image', `there is no ${stem}.jpg or ${stem}.png beside it`);
  return {
    jsonPath,
    imagePath: join(folder, image),
    texts: record.text,
    isSentence: record.is_sentence,
    shapes: record.shapes,
    annIds: record.ann_ids ?? [],
    falsePremises: (record.false_premise_QA ?? []).map(([question, isSentence, answer]) => ({
      question,
      isSentence,
      answer,
    })),
  };
}
