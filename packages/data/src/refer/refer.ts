import { z } from 'zod';
import { readJsonItems } from '../files/json-items.js';
import { attempt, type OnProblem } from '../files/problems.js';
import { dataInvalid, validate } from '../files/validate.js';
import { readPickle } from '../pickle/read-pickle.js';

const id = z.number().int().nonnegative();
const sentenceSchema = z.object({
  sent_id: id,
  sent: z.string(),
  raw: z.string().optional(),
  tokens: z.array(z.string()).optional(),
  kind: z.string().optional(),
  needs_relation: z.boolean().optional(),
  reference_ann_id: id.optional(),
  is_false_premise: z.boolean().optional(),
  gt_sent: z.string().optional(),
  exist: z.boolean().optional(),
});
/** One id, or a list of them (gRefCOCO) in which -1 stands for none. */
const ids = z.union([id, z.array(z.number().int().min(-1))]);
const refSchema = z.object({
  ref_id: id,
  ann_id: ids,
  image_id: id,
  category_id: ids,
  no_target: z.boolean().optional(),
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
  /** Annotation of the object, of the first of several; -1 when there is none. */
  readonly annId: number;
  /** Annotations of all objects that are meant (gRefCOCO); none for an expression without a target. */
  readonly annIds: readonly number[];
  /** Its image. */
  readonly imageId: number;
  /** Category of the object, of the first of several; -1 when there is none. */
  readonly categoryId: number;
  /** As the file has it. */
  readonly split: string;
  /** In the order of the file; those without a word are left out. */
  readonly sentences: readonly RefSentence[];
  /** How many were left out. */
  readonly wordless: number;
}

/**
 * Reads the refs of a REFER, gRefCOCO, FP-RefCOCO or R-RefCOCO file one by one: JSON, or a Python pickle (`.p`, `.pkl`),
 * which is read as data and never executed.
 * @param split - only refs of this split; `testA`, `testB` and `testC` fit splits that contain that letter, `test` those
 * that contain `test`, others must be equal (the REFER API's rule); all when absent
 * @param onProblem - takes what is wrong with single refs, which are left out; without it the first one is thrown
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` naming file and field
 */
export async function* readRefs(
  file: string,
  split?: string,
  onProblem?: OnProblem,
  signal?: AbortSignal,
): AsyncGenerator<Ref> {
  const seen = new Set<number>();
  for await (const { index, value } of items(file, signal)) {
    const ref = await attempt(onProblem, () => {
      const record = validate(refSchema, value, file, `[${index}]`);
      if (seen.has(record.ref_id))
        throw dataInvalid(file, `[${index}].ref_id`, `${record.ref_id} occurs twice`);
      seen.add(record.ref_id);
      return record;
    });
    if (ref !== undefined && (split === undefined || splitFits(ref.split, split))) yield refOf(ref);
  }
}

async function* items(
  file: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ index: number; value: unknown }> {
  if (!/\.(p|pkl|pickle)$/i.test(file)) {
    yield* readJsonItems(file, undefined, signal);
    return;
  }
  const list = await readPickle(file);
  if (!Array.isArray(list)) throw dataInvalid(file, 'pickle', 'it is no list of refs');
  for (let index = 0; index < list.length; index++) yield { index, value: list[index] as unknown };
}

function refOf(ref: z.output<typeof refSchema>): Ref {
  const annIds = ref.no_target === true ? [] : [ref.ann_id].flat().filter((annId) => annId >= 0);
  const sentences = ref.sentences.filter(({ sent }) => sent.trim() !== '');
  return {
    refId: ref.ref_id,
    annId: annIds[0] ?? -1,
    annIds,
    imageId: ref.image_id,
    categoryId: [ref.category_id].flat()[0] ?? -1,
    split: ref.split,
    wordless: ref.sentences.length - sentences.length,
    sentences: sentences.map((s) => ({
      sentId: s.sent_id,
      text: s.sent,
      kind: s.kind,
      needsRelation: s.needs_relation,
      referenceAnnId: s.reference_ann_id,
      present:
        annIds.length > 0 && (s.is_false_premise === undefined ? (s.exist ?? true) : !s.is_false_premise),
      truth: s.gt_sent,
    })),
  };
}

/** Whether a ref's split is the wanted one, by the REFER API's rule. */
export function splitFits(actual: string, wanted: string): boolean {
  if (/^test[ABC]$/.test(wanted)) return actual.includes(wanted.slice(4));
  return wanted === 'test' ? actual.includes('test') : actual === wanted;
}
