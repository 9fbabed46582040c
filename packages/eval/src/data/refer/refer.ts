import { z } from 'zod';
import { readJsonItems } from '../files/json-items.js';
import { dataInvalid, validate } from '../files/validate.js';

const id = z.number().int().nonnegative();
const sentenceSchema = z.object({
  sent_id: id,
  sent: z.string().min(1),
  raw: z.string().optional(),
  tokens: z.array(z.string()).optional(),
  kind: z.string().optional(),
  needs_relation: z.boolean().optional(),
  reference_ann_id: id.optional(),
  is_false_premise: z.boolean().optional(),
  gt_sent: z.string().optional(),
  exist: z.boolean().optional(),
});
const refSchema = z.object({
  ref_id: id,
  ann_id: id,
  image_id: id,
  category_id: id,
  split: z.string(),
  file_name: z.string().optional(),
  sentences: z.array(sentenceSchema),
});

/** One expression of a ref. */
export interface RefSentence {
  /** Unique in its data set. */
  readonly sentId: number;
  /** The cleaned text that is used. */
  readonly text: string;
  /** What it leans on, where the data says so (`attribute`, `relation`, `stuff`). */
  readonly kind: string | undefined;
  /** Whether the head noun alone is ambiguous, where the data says so. */
  readonly needsRelation: boolean | undefined;
  /** Annotation of a relation's reference, where the data says so. */
  readonly referenceAnnId: number | undefined;
  /** False for a false premise: nothing in the image fits (FP-RefCOCO `is_false_premise`, R-RefCOCO `exist`). */
  readonly present: boolean;
  /** The true expression that a false one was made from, where the data says so. */
  readonly truth: string | undefined;
}

/** One referred object with its expressions. */
export interface Ref {
  /** Unique in its file. */
  readonly refId: number;
  /** Annotation of the object. */
  readonly annId: number;
  /** Its image. */
  readonly imageId: number;
  /** Category of the object. */
  readonly categoryId: number;
  /** As the file has it. */
  readonly split: string;
  /** In the order of the file. */
  readonly sentences: readonly RefSentence[];
}

/**
 * Reads the refs of a REFER or FP-RefCOCO style JSON file one by one.
 * @param split - only refs of this split; `testA`, `testB` and `testC` fit splits that contain that letter, `test` those
 * that contain `test`, others must be equal (the REFER API's rule); all when absent
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` naming file and field
 */
export async function* readRefs(file: string, split?: string): AsyncGenerator<Ref> {
  const seen = new Set<number>();
  for await (const { index, value } of readJsonItems(file)) {
    const ref = validate(refSchema, value, file, `[${index}]`);
    if (seen.has(ref.ref_id)) throw dataInvalid(file, `[${index}].ref_id`, `${ref.ref_id} occurs twice`);
    seen.add(ref.ref_id);
    if (split !== undefined && !splitFits(ref.split, split)) continue;
    yield {
      refId: ref.ref_id,
      annId: ref.ann_id,
      imageId: ref.image_id,
      categoryId: ref.category_id,
      split: ref.split,
      sentences: ref.sentences.map((s) => ({
        sentId: s.sent_id,
        text: s.sent,
        kind: s.kind,
        needsRelation: s.needs_relation,
        referenceAnnId: s.reference_ann_id,
        present: s.is_false_premise === undefined ? (s.exist ?? true) : !s.is_false_premise,
        truth: s.gt_sent,
      })),
    };
  }
}

function splitFits(actual: string, wanted: string): boolean {
  if (/^test[ABC]$/.test(wanted)) return actual.includes(wanted.slice(4));
  return wanted === 'test' ? actual.includes('test') : actual === wanted;
}
