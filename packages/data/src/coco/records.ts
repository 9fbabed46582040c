import { z } from 'zod';

/*
 * Records of COCO files as tools really write them. What pycocotools and panopticapi take is taken and normalised; what figures
 * depend on (ids, sizes, outlines) stays strict.
 */

/** A whole number, or its decimal text, as some converters write ids. */
const whole = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d{1,15}$/, 'not a whole number')
      .transform(Number),
  ])
  .refine(Number.isSafeInteger, 'not a whole number');
/** An id of an image: a whole number, or any text, which gets a number of its own that no file uses. */
const imageId = z.union([whole, z.string().min(1).transform(numberOf)]);

/** A number below every id of real files, from 52 bits of the text's hash (FNV-1a, two halves). */
function numberOf(text: string): number {
  const hash = (seed: number): number => {
    let h = seed | 0;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    return h >>> 6;
  };
  return -(hash(0x811c9dc5) * 2 ** 26 + hash(0x9dc5811c)) - 2 ** 52;
}
/** Text, or a number that stands for its text. */
const named = z.union([z.string().min(1), z.number().transform(String)]);
/** 0 or 1 as a number, a truth value or nothing. */
const flag = z
  .union([z.number(), z.boolean()])
  .nullish()
  .transform((value): 0 | 1 | undefined =>
    typeof value === 'number' || typeof value === 'boolean' ? (Number(value) === 0 ? 0 : 1) : undefined,
  );
/** A number that counts, or nothing where it is missing, not finite or negative. */
const amount = z
  .number()
  .nullish()
  .catch(undefined)
  .transform((value) =>
    typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : undefined,
  );
/** [x, y, width, height], or nothing where it is missing or encloses nothing sensible. */
const box = z
  .array(z.unknown())
  .nullish()
  .transform((value): readonly [number, number, number, number] | undefined => {
    const [x, y, width, height] = (value ?? []).map((one) => (typeof one === 'number' ? one : NaN));
    const four = [x, y, width, height] as readonly [number, number, number, number];
    return value?.length === 4 && four.every(Number.isFinite) && four[2] >= 0 && four[3] >= 0
      ? four
      : undefined;
  });
const side = z
  .number()
  .int()
  .positive()
  .max(1 << 20);
const rle = z.object({
  size: z.tuple([side, side]),
  counts: z.union([z.string(), z.array(z.number().int().nonnegative())]),
});
/** An outline; one of fewer than three points encloses nothing and is left out when it is drawn. */
const polygon = z.custom<number[]>(
  (value) => Array.isArray(value) && value.every(Number.isFinite),
  'not a list of numbers',
);
const attributes = z
  .union([z.record(z.string(), z.unknown()), z.array(z.unknown()).transform((values) => ({ values }))])
  .nullish()
  .transform((value) => value ?? undefined);

/** An image record. How large a picture may be is the limit of whoever opens the file. */
export const imageSchema = z
  .object({ id: z.unknown(), file_name: z.string().min(1), width: side, height: side })
  .transform((record, context) => {
    const id = imageId.safeParse(record.id);
    if (id.success) return { ...record, id: id.data, name: String(record.id) };
    context.issues.push({
      code: 'custom',
      path: ['id'],
      message: 'neither a whole number nor text',
      input: record.id,
    });
    return z.NEVER;
  });

/** A category record. */
export const categorySchema = z.object({
  id: whole,
  name: named,
  supercategory: named
    .nullish()
    .catch(undefined)
    .transform((value) => value ?? undefined),
  isthing: flag,
});

/** An annotation record. */
export const annotationSchema = z.object({
  id: whole,
  image_id: imageId,
  category_id: whole,
  bbox: box,
  area: amount,
  iscrowd: flag,
  segmentation: z
    .union([z.array(z.union([polygon, rle])), rle])
    .nullish()
    .transform((value) => value ?? []),
  attributes,
});

/** A segment of a panoptic picture. */
export const segmentSchema = z.object({
  id: whole.refine((id) => id > 0 && id <= 0xffffff, 'not a value of a panoptic picture'),
  category_id: whole,
  area: amount,
  bbox: box,
  iscrowd: flag,
});

/** The segments of a panoptic picture. */
export const panopticSchema = z.object({
  image_id: imageId,
  file_name: z.string().min(1),
  segments_info: z.array(segmentSchema),
});
