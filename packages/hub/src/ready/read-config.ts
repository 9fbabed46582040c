import { z } from 'zod';
import { MaskloomError } from '@maskloom/core';
import type { Json } from './repository-files.js';

const FILTERS = { 2: 'bilinear', 3: 'bicubic' } as const;

/**
 * Reads the part of a configuration file that is needed.
 * @param where - `owner/name: file`
 * @throws MaskloomError MODEL_UNSUPPORTED naming the field
 */
export function readConfig<T>(json: Json, schema: z.ZodType<T>, where: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.map(String).join('.') ?? '';
  throw new MaskloomError(
    'MODEL_UNSUPPORTED',
    `The configuration is not as expected: ${field}: ${issue?.message ?? ''}.`,
    {
      where: `${where}: ${field}`,
      hint: 'Take another repository of the same model, or convert the checkpoint with the training kit.',
    },
  );
}

/** A side in pixels: a number, or an object that has it under one of these names. */
export const side = z.union([
  z.int().positive(),
  z.object({ longest_edge: z.int().positive() }).transform((size) => size.longest_edge),
  z.object({ shortest_edge: z.int().positive() }).transform((size) => size.shortest_edge),
  z
    .object({ height: z.int().positive(), width: z.int().positive() })
    .refine(({ height, width }) => height === width, 'only square inputs are read')
    .transform((size) => size.height),
]);

const channels = z.tuple([z.number(), z.number(), z.number()]);

/** Mean and standard deviation of each channel in 0..1. */
export const statistics = z.object({ image_mean: channels, image_std: channels });

/** Pillow's number of a filter (2 bilinear, 3 bicubic) as a preset names it. */
export const filter = z.union([z.literal(2), z.literal(3)]).transform((number) => FILTERS[number]);

/**
 * Compares what the configuration says with what the graph has.
 * @throws MaskloomError MODEL_UNSUPPORTED where they differ
 */
export function agree(
  what: string,
  configured: number,
  real: number | string | undefined,
  where: string,
): void {
  if (typeof real !== 'number' || real === configured) return;
  throw new MaskloomError(
    'MODEL_UNSUPPORTED',
    `The configuration says ${what} ${configured}, the graph has ${real}.`,
    {
      where,
      hint: "The repository's configuration and graphs are not of one model; take another.",
    },
  );
}
