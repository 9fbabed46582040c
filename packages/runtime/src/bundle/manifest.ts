import { z } from 'zod';

/** The manifest version this package reads. */
export const BUNDLE_SCHEMA = 'maskloom.bundle/1';

const fileSchema = z.object({
  /** Path inside the bundle, with forward slashes. */
  file: z.string().min(1),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits'),
});

const portSchema = z.object({
  name: z.string().min(1),
  dtype: z.enum(['float32', 'int64', 'uint8', 'bool']),
  /** Axis lengths; a string names a dynamic axis. */
  shape: z.array(z.union([z.int().nonnegative(), z.string().min(1)])),
});

const modelSchema = fileSchema.extend({
  /** Element type of the stored weights; the edges are named by the ports. */
  dtype: z.enum(['float32', 'float16', 'int8']),
  inputs: z.array(portSchema).min(1),
  outputs: z.array(portSchema).min(1),
  /** Weights stored beside the graph (graphs over 2 GB). */
  data: z.array(fileSchema).optional(),
});

const recipeSchema = z.object({
  /** Role to model id. */
  models: z.record(z.string(), z.string()),
  points: z.enum(['none', 'only', 'with-embedding']).optional(),
  presets: z.record(z.string(), z.unknown()).optional(),
  trainedFor: z.boolean().optional(),
  heldOut: z.record(z.string(), z.unknown()).optional(),
});

/** `bundle.json`, version `maskloom.bundle/1`. */
export const manifestSchema = z.object({
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

/** A parsed manifest. */
export type BundleManifest = z.output<typeof manifestSchema>;
/** One model of a manifest. */
export type BundleModel = z.output<typeof modelSchema>;
/** One recipe of a manifest. */
export type BundleRecipe = z.output<typeof recipeSchema>;
/** A file of a bundle with its size and SHA-256. */
export type BundleFile = z.output<typeof fileSchema>;
