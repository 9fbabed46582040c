import { z } from 'zod';
import {
  defineStage,
  MaskloomError,
  PointPrompter,
  type ModelHost,
  type PointQuery,
  type PointSuggestion,
  type StageFactory,
} from '@maskloom/core';
import { similarityToPoints, type SaspSettings } from '../sasp/sasp.js';
import { clipTransform, similarityOf } from './query-similarity.js';
import { readSaspPreset, SASP_PRESETS } from './sasp-presets.js';

const interpolation = z.object({
  distance: z
    .enum(['l2', 'squared'])
    .optional()
    .describe(
      "'l2' as the paper prints it, 'squared' as the released code runs it; the preset's when absent.",
    ),
  radius: z
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe("Half side of the summed window, in pixels; the preset's when absent."),
});

const options = z.object({
  preset: z
    .enum(SASP_PRESETS)
    .default('bundle')
    .describe(
      "Where constants that are not given come from: the bundle's own, READ's released ones, or Algorithm 1 as printed.",
    ),
  downSample: z
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe("The score grid's side is divided by this before points are chosen."),
  mode: z
    .enum(['fixed', 'meanSigma'])
    .optional()
    .describe("Thresholds: fixed numbers, or the paper's Algorithm 1 (mean +/- epsilon sigma)."),
  positive: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('mode fixed: min-maxed scores from here on are positive points.'),
  negative: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('mode fixed: min-maxed scores up to here are negative points.'),
  epsilon: z
    .number()
    .min(0)
    .optional()
    .describe('mode meanSigma: half width of the neutral band, in standard deviations.'),
  count: z.number().int().min(0).max(4096).optional().describe('Points wanted, neutral ones included.'),
  geometry: z
    .enum(['exact', 'compat', 'printed'])
    .optional()
    .describe(
      "'exact' inverts resize and crop; 'compat' reproduces the released code's flooring; 'printed' is Algorithm 1's.",
    ),
  discreteToContinuous: z
    .union([z.literal(false), interpolation])
    .optional()
    .describe(
      "Interpolate points over the map around them (READ eq. 6-9), or false; the preset's when absent.",
    ),
});

/** Options of {@link similarityAsPoints}; the preset's constants stand in for those that are absent. */
export interface SimilarityAsPointsOptions {
  /** The bundle's own constants (default), those of READ's released 7B and 13B models, or Algorithm 1 as printed. */
  readonly preset?: (typeof SASP_PRESETS)[number] | undefined;
  /** The score grid's side is divided by this before points are chosen. */
  readonly downSample?: number | undefined;
  /** `fixed` thresholds, or the paper's Algorithm 1: mean +/- epsilon standard deviations. */
  readonly mode?: 'fixed' | 'meanSigma' | undefined;
  /** `fixed`: min-maxed scores from here on are positive points; 0..1. */
  readonly positive?: number | undefined;
  /** `fixed`: min-maxed scores up to here are negative points; 0..1, at most `positive`. */
  readonly negative?: number | undefined;
  /** `meanSigma`: half width of the neutral band, in standard deviations. */
  readonly epsilon?: number | undefined;
  /** Points wanted, neutral ones included. */
  readonly count?: number | undefined;
  /** `exact` inverts resize and crop; `compat` reproduces the released code's flooring; `printed` is Algorithm 1's. */
  readonly geometry?: 'exact' | 'compat' | 'printed' | undefined;
  /**
   * Interpolate points over the map around them (READ eq. 6-9); `{}` takes distance and radius from the preset. When absent
   * the preset says whether: the released ones and Algorithm 1 do, the embedded bundle's does not.
   */
  readonly discreteToContinuous?: false | InterpolationOptions | undefined;
}

/** How points are interpolated; what is absent comes from the preset. */
export interface InterpolationOptions {
  /** `l2` as the paper prints it, `squared` as the released code runs it. */
  readonly distance?: 'l2' | 'squared' | undefined;
  /** Half side of the summed window, in pixels. */
  readonly radius?: number | undefined;
}

/**
 * Similarity as Points (READ section 4.1, Algorithm 1): the similarity of the `<SEG>` state with the image
 * tokens, min-maxed, becomes positive, negative and neutral points. Flat maps give neutral points only.
 */
export const similarityAsPoints: StageFactory<
  'PointPrompter',
  z.ZodType<unknown, SimilarityAsPointsOptions | undefined>,
  'query-state' | 'image-states',
  'point-prompt'
> = defineStage({
  slot: PointPrompter,
  name: 'read/similarity-as-points',
  summary: "READ's Similarity as Points: similarity of the <SEG> state with image tokens as labelled points.",
  options,
  needs: ['query-state', 'image-states'],
  gives: ['point-prompt'],
  create: (given, { models }) => {
    const settings = settle(given, models);
    return {
      prompt: async (query: PointQuery): Promise<PointSuggestion> => {
        const { scores, map } = await similarityOf(query);
        return { points: similarityToPoints(scores, clipTransform(query.imageStates), settings), map };
      },
    };
  },
});

/** Options over the preset's constants. */
function settle(given: z.output<typeof options>, models: ModelHost): SaspSettings {
  const preset = readSaspPreset(given.preset, models);
  const { mode = preset.mode, positive = preset.positive, negative = preset.negative } = given;
  if (mode === 'fixed' && negative > positive) {
    throw new MaskloomError(
      'OPTION_INVALID',
      `The negative threshold ${negative} is above the positive one ${positive}.`,
      {
        where: 'read/similarity-as-points.negative',
        hint: 'Negatives are the low scores: give negative <= positive.',
      },
    );
  }
  const refine = given.discreteToContinuous ?? (preset.interpolate && {});
  return {
    downSample: given.downSample ?? preset.downSample,
    thresholds:
      mode === 'fixed' ? { mode, positive, negative } : { mode, epsilon: given.epsilon ?? preset.epsilon },
    count: given.count ?? preset.count,
    geometry: given.geometry ?? preset.geometry,
    discreteToContinuous:
      refine === false
        ? false
        : { distance: refine.distance ?? preset.distance, radius: refine.radius ?? preset.radius },
  };
}
