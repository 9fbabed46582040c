import { z } from 'zod';
import { BUNDLE_SCHEMA } from './manifest.js';
import type { BundleManifest } from './manifest.js';

const fileSchema = z.object({
  file: z.string().min(1),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits'),
});

const portSchema = z.object({
  name: z.string().min(1),
  dtype: z.enum(['float32', 'float16', 'int64', 'int32', 'uint8', 'bool']),
  shape: z.array(z.union([z.int().nonnegative(), z.string().min(1)])),
});

const modelSchema = fileSchema.extend({
  dtype: z.enum(['float32', 'float16', 'int8', 'int4', 'nf4']),
  inputs: z.array(portSchema).min(1),
  outputs: z.array(portSchema).min(1),
  names: z.record(z.string(), z.string()).optional(),
  data: z.array(fileSchema).optional(),
});

const recipeSchema = z.object({
  models: z.record(z.string(), z.string()),
  points: z.enum(['none', 'only', 'with-embedding']).optional(),
  presets: z.record(z.string(), z.unknown()).optional(),
  trainedFor: z.boolean().optional(),
  heldOut: z.record(z.string(), z.unknown()).optional(),
});

/** The form of `bundle.json`. Keys it does not know are left out: a later minor version may add some. */
export const manifestSchema: z.ZodType<BundleManifest> = z.object({
  schema: z.literal(BUNDLE_SCHEMA),
  name: z.string().min(1),
  version: z.string().min(1),
  license: z.string().min(1),
  origin: z.record(z.string(), z.unknown()),
  models: z.record(z.string(), modelSchema),
  tokenizer: z.object({ files: z.array(fileSchema).min(1) }).optional(),
  presets: z.record(z.string(), z.unknown()),
  recipes: z.record(z.string(), recipeSchema),
  heldOut: z.record(z.string(), z.unknown()).optional(),
});
