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
  geometry: z.enum(['exact', 'compat', 'printed']).default('exact'),
  interpolate: z.boolean().default(false),
  distance: distance.default('squared'),
  radius: z.number().int().min(1).max(64).default(6),
});

/** Every constant of Similarity as Points. */
export type SaspPreset = z.output<typeof saspPreset>;

/** What READ's released code runs besides its thresholds: floored geometry, squared distance, interpolated points. */
const CODE = { geometry: 'compat', distance: 'squared', radius: 6, interpolate: true } as const;

const RELEASED = {
  /** 7B as released: 24 x 24 scores pooled to 12 x 12, thresholds 0.8 and 0.2, 30 points. */
  'read-7b': saspPreset.parse({ ...CODE, downSample: 2, positive: 0.8, negative: 0.2, count: 30 }),
  /** 13B as released: 24 x 24 scores as they are, thresholds 0.6 and 0.2, 60 points. */
  'read-13b': saspPreset.parse({ ...CODE, downSample: 1, positive: 0.6, negative: 0.2, count: 60 }),
  /**
   * Algorithm 1 as printed: mean and deviation, the L2 norm, the grid over the whole image; 30 points (Table 8). With
   * radius 24 the window loses less than 1e-9 of the weight.
   */
  'algorithm-1': saspPreset.parse({
    downSample: 1,
    mode: 'meanSigma',
    epsilon: 0.5,
    count: 30,
    geometry: 'printed',
    distance: 'l2',
    radius: 24,
    interpolate: true,
  }),
} as const;

/** Names of the presets: the bundle's own, the released ones, and the paper's. */
export const SASP_PRESETS = ['bundle', 'read-7b', 'read-13b', 'algorithm-1'] as const;

/**
 * The constants that a preset stands for.
 * @param name - `bundle` reads the bundle's `sasp` preset
 * @throws MaskloomError `BUNDLE_INVALID` when the bundle's preset is not valid
 */
export function readSaspPreset(name: (typeof SASP_PRESETS)[number], models: ModelHost): SaspPreset {
  if (name !== 'bundle') return RELEASED[name];
  return readPreset(models, 'sasp', saspPreset, "Export the bundle again, or choose preset: 'read-7b'.");
}
