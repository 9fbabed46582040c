import { z } from 'zod';
import {
  defineStage,
  MaskloomError,
  throwIfAborted,
  Tiler,
  type ImageFrame,
  type RunContext,
  type StageFactory,
} from '@maskloom/core';
import { readLmsegPreset } from '../preset.js';
import { cutViews, type ViewSettings } from './cut-views.js';

const options = z.object({
  mode: z
    .enum(['sliding', 'whole'])
    .default('sliding')
    .describe("'sliding': windows and the whole image; 'whole': the whole image alone."),
  window: z
    .number()
    .int()
    .min(8)
    .optional()
    .describe("Side of every view in pixels; the preset's when absent."),
  overlap: z
    .number()
    .min(0)
    .max(0.9)
    .optional()
    .describe("Share of a window that its neighbour sees too; the preset's (1/3, as CAT-Seg) when absent."),
  resizeTo: z
    .number()
    .int()
    .min(8)
    .optional()
    .describe("Side of the square canvas that windows are cut from; the preset's when absent."),
  global: z.boolean().default(true).describe('Look at the whole image besides the windows.'),
});

/** Options of {@link denseViews}; the bundle's preset stands in for the numbers that are absent. */
export interface DenseViewsOptions {
  /** `sliding` (default): windows and the whole image; `whole`: the whole image alone. */
  readonly mode?: ViewSettings['mode'] | undefined;
  /** Side of every view in pixels, at least 8. */
  readonly window?: number | undefined;
  /** Share of a window that its neighbour sees too, 0..0.9 (CAT-Seg: 1/3). */
  readonly overlap?: number | undefined;
  /** Side in pixels of the square canvas that windows are cut from; at least `window`. */
  readonly resizeTo?: number | undefined;
  /** Whether the whole image is looked at besides the windows; default true. */
  readonly global?: boolean | undefined;
}

/**
 * LMSeg's views: sliding windows over the image stretched to a square, and the image as a whole (CAT-Seg's inference),
 * or the whole alone. Window, overlap and canvas come from the bundle's preset where they are not given.
 */
export const denseViews: StageFactory<
  'Tiler',
  z.ZodType<unknown, DenseViewsOptions | undefined>,
  'image',
  'views'
> = defineStage({
  slot: Tiler,
  name: 'lmseg/views',
  summary: 'Sliding windows and the whole image, or the whole alone, as CAT-Seg looks at images.',
  options,
  needs: ['image'],
  gives: ['views'],
  create: (given, { models }) => {
    const preset = readLmsegPreset(models);
    const settings: ViewSettings = {
      mode: given.mode,
      window: given.window ?? preset.window,
      overlap: given.overlap ?? preset.overlap,
      resizeTo: given.resizeTo ?? preset.resizeTo,
      global: given.global,
    };
    if (settings.mode === 'sliding' && settings.resizeTo < settings.window) {
      throw new MaskloomError(
        'OPTION_INVALID',
        `A canvas of ${settings.resizeTo} pixels is smaller than a window of ${settings.window}.`,
        { where: 'lmseg/views.resizeTo', hint: "Give resizeTo >= window, or mode: 'whole'." },
      );
    }
    return {
      plan: (image: ImageFrame, run: RunContext) => {
        throwIfAborted(run.signal, 'views');
        return cutViews(image, settings);
      },
    };
  },
});
