import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { asDataError } from '../files/json-items.js';
import { dataInvalid, validate } from '../files/validate.js';

const recordSchema = z.object({
  text: z.array(z.string().min(1)).min(1),
  is_sentence: z.boolean(),
  shapes: z.array(z.object({ label: z.string(), points: z.array(z.tuple([z.number(), z.number()])).min(1) })),
  image_name: z.string().optional(),
  ann_ids: z.array(z.number().int().nonnegative()).optional(),
});

/** Characters 0x80..0x9f of cp1252; a blank stands for an unused code. */
const CP1252 =
  '\u20ac \u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152 \u017d  \u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153 \u017e\u0178';

/** A labelled outline of a ReasonSeg record, points in ImagePx. */
export interface ReasonShape {
  /** `target`, `ignore...`, `flag` or a name. */
  readonly label: string;
  /** [x, y] each. */
  readonly points: readonly (readonly [number, number])[];
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
}

/**
 * Reads a ReasonSeg split: `name.jpg` or `name.png` with `name.json` beside it, in the order of their names. Texts are
 * UTF-8, or cp1252 where they are not (as in the released files).
 * @param folder - e.g. `reason/val`
 * @throws MaskloomError `DATA_NOT_FOUND` when the folder is missing or has no records, `DATA_INVALID` naming file and
 * field when a record is malformed or its image is missing
 */
export async function* readReasonSeg(folder: string): AsyncGenerator<ReasonSample> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw asDataError(error, folder);
  });
  const files = new Set(names);
  const records = names.filter((name) => name.endsWith('.json')).sort();
  if (records.length === 0)
    throw asDataError(Object.assign(new Error('no records'), { code: 'ENOENT' }), join(folder, '*.json'));
  for (const name of records) {
    const jsonPath = join(folder, name);
    const record = validate(recordSchema, await readJson(jsonPath), jsonPath, 'record');
    const stem = basename(name, '.json');
    const image = ['.jpg', '.png', '.jpeg'].map((ending) => stem + ending).find((file) => files.has(file));
    if (image === undefined)
      throw dataInvalid(jsonPath, 'image', `there is no ${stem}.jpg or ${stem}.png beside it`);
    yield {
      jsonPath,
      imagePath: join(folder, image),
      texts: record.text,
      isSentence: record.is_sentence,
      shapes: record.shapes,
      annIds: record.ann_ids ?? [],
    };
  }
}

async function readJson(path: string): Promise<unknown> {
  const bytes = await readFile(path);
  try {
    return JSON.parse(decode(bytes)) as unknown;
  } catch (cause) {
    throw asDataError(
      dataInvalid(path, 'record', `it is not JSON (${String((cause as Error).message)})`),
      path,
    );
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Node 20 reads `windows-1252` as Latin-1, so its quotes and dashes are set here.
    return Buffer.from(bytes)
      .toString('latin1')
      .replace(/[\x80-\x9f]/g, (c) => CP1252[c.charCodeAt(0) - 0x80] ?? c);
  }
}
