import { z } from 'zod';

/** Longest text that is taken out of a run's folder. */
const text = z.string().max(20_000);

/** What the studio reads of a run's plan; the rest is left as it is. */
export const planSchema = z.looseObject({
  subjects: z
    .array(
      z.looseObject({
        recipe: text,
        overrides: z.looseObject({
          stages: z
            .record(
              z.string(),
              z.looseObject({
                stage: text.optional(),
                options: z.record(z.string(), z.unknown()).optional(),
              }),
            )
            .optional(),
          weights: text.optional(),
        }),
      }),
    )
    .max(10_000),
  parts: z.array(z.looseObject({ name: text, missing: text.optional() })).max(1000),
  work: z
    .array(z.looseObject({ part: text, protocol: text, subjects: z.array(z.int().min(0)).max(10_000) }))
    .max(10_000),
  switches: z.looseObject({}),
});

/** Side of a picture in pixels. */
const side = z.int().positive().max(100_000);

/** A mask; whether its runs fit its size is checked where it is decoded. */
const mask = z.looseObject({
  size: z.tuple([side, side]),
  counts: z.string().max(20_000_000),
});

/** A segment as runs keep it. */
const segment = z.looseObject({ label: text, score: z.number(), mask });

/** What the studio reads of a stored scene. */
export const sceneSchema = z.looseObject({
  id: z.union([z.number(), text]),
  image: text,
  width: side,
  height: side,
  drawn: z.literal('stored').optional(),
  segments: z.array(z.looseObject({ id: z.number(), categoryId: z.number(), mask })).max(100_000),
});

/** What the studio reads of a stored result. */
export const resultSchema = z.looseObject({
  answers: z.array(z.looseObject({ text, segments: z.array(segment).max(10_000) })).max(10_000),
});
