import { z } from 'zod';
import { readPreset, type ModelHost } from '@maskloom/core';

const distance = z.enum(['l2', 'squared']);

const saspPreset = z.object({
  downSample: z.number().int().min(1),
  mode: z.enum(['fixed', 'meanSigma']).default('fixed'),
  positive: z.number().min(0).max(1).default(0.8),
  negative: z.number().min(0).max(1).default(0.2),
  epsilon: z.number().min(0).default(0.5),
  count: z.number().int().min(0),
  geometry: z.enum(['exact', 'compat']).default('exact'),
  distance: distance.default('squared'),
  radius: z.number().int().min(1).max(64).default(6),
});

/** Every constant of Similarity as Points. */
export type SaspPreset = z.output<typeof saspPreset>;

/** The released constants of READ, with the paper's names for them. */
const RELEASED = {
  /** 7B: 24 x 24 scores pooled to 12 x 12, thresholds 0.8 and 0.2, 30 points. */
  'read-7b': saspPreset.parse({ downSample: 2, positive: 0.8, negative: 0.2, count: 30 }),
  /** 13B: 24 x 24 scores as they are, thresholds 0.6 and 0.2, 60 points. */
  'read-13b': saspPreset.parse({ downSample: 1, positive: 0.6, negative: 0.2, count: 60 }),
} as const;

/** Names of the presets: the bundle's own, and the released ones. */
export const SASP_PRESETS = ['bundle', 'read-7b', 'read-13b'] as const;

/**
 * The constants that a preset stands for.
 * @param name - `bundle` reads the bundle's `sasp` preset
 * @throws MaskloomError `BUNDLE_INVALID` when the bundle's preset is not valid
 */
export function readSaspPreset(name: (typeof SASP_PRESETS)[number], models: ModelHost): SaspPreset {
  if (name !== 'bundle') return RELEASED[name];
  return readPreset(models, 'sasp', saspPreset, "Export the bundle again, or choose preset: 'read-7b'.");
}
