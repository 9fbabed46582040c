import { z } from 'zod';
import { readPreset, type ModelHost } from '@maskloom/core';

const superPatch = z
  .object({
    side: z.union([z.literal(1), z.literal(2), z.literal(3)]),
    roles: z.array(z.string().min(1)).default([]),
    sizes: z.record(z.string(), z.tuple([z.number().min(0), z.number().positive().nullable()])).default({}),
  })
  .refine(({ side, roles }) => roles.length === (side === 1 ? roles.length : side * side), {
    path: ['roles'],
    message: 'must name a role for each patch of the super-patch, row by row',
  });

const rosePreset = z.object({
  superPatch: superPatch.default({ side: 1, roles: [], sizes: {} }),
  topN: z.number().int().positive().default(100),
  minObjectness: z.number().min(0).max(1).default(0.1),
  threshold: z.number().min(0).max(1).default(0.5),
  nmsIou: z.number().min(0).max(1).default(0.5),
  semantic: z.enum(['max', 'sum']).default('max'),
  background: z.number().min(0).default(0.1),
});

/**
 * A bundle's constants for ROSE: the super-patch (roles row by row, the size range of each as parts of the image's
 * side, for reports), most proposals, the objectness from which a patch proposes and from which an instance is shown, the
 * mask IoU above which a weaker proposal gives way, how proposals of one name are merged, and the value below which a
 * pixel has no name.
 */
export type RosePreset = z.output<typeof rosePreset>;

/**
 * Reads a bundle's `rose` preset.
 * @throws MaskloomError `BUNDLE_INVALID` naming the field
 */
export function readRosePreset(models: ModelHost): RosePreset {
  return readPreset(models, 'rose', rosePreset);
}
