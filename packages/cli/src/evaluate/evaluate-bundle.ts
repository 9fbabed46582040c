import { basename, resolve } from 'node:path';
import { recipeId, type AnyRecipe, type DeviceChoice, type Registry } from '@maskloom/core';
import { evaluate, type Evaluation } from '@maskloom/eval';
import { llavaLanguageModel } from '@maskloom/llava';
import { thresholdAssembler } from '@maskloom/sam';
import { several } from '@maskloom/stacked-seg';
import { buildPipelines } from '../compare/build-pipelines.js';
import { reserveFile } from '../output/staged-file.js';

/** Version of the figures format. */
export const FIGURES_SCHEMA = 'maskloom.figures/1';

/** What to measure, and on what. */
export interface EvaluateBundleOptions {
  /** Folder in the layout of the synthetic world. */
  readonly data: string;
  /** Systems (`read`), recipes (`read/full`) or `all`; every recipe of the bundle that can be measured when absent. */
  readonly systems?: readonly string[];
  /** An embedded bundle's name or a bundle's folder; `tiny` when absent. */
  readonly bundle?: string;
  /** Where models run; `auto` when absent. */
  readonly device?: DeviceChoice;
  /** The first images only; all when absent. */
  readonly limit?: number;
  /** Largest width * height of a picture that is read; 100,000,000 when absent. */
  readonly maxPixels?: number;
  /** JSON file for the figures, written whole or not at all; none when absent. */
  readonly out?: string;
  /** Systems to choose from; those that come with the command when absent. */
  readonly registry?: Registry;
  /** Ends the measurement; nothing is left behind. */
  readonly signal?: AbortSignal;
  /** Told after each image. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Told what the reader should know, once each. */
  readonly onWarning?: (message: string) => void;
}

/** Held-out figures with where they come from, JSON-safe. */
export interface HeldOutFigures extends Evaluation {
  /** {@link FIGURES_SCHEMA}. */
  readonly schema: typeof FIGURES_SCHEMA;
  /** The bundle's name and version. */
  readonly bundle: {
    /** As the manifest has it. */
    readonly name: string;
    /** As the manifest has it. */
    readonly version: string;
  };
  /** Name of the data folder. */
  readonly data: string;
}

/**
 * Measures the recipes of a bundle on a data set: what the training kit's `evaluate` and `sam.evaluate` measure, by the
 * same definitions, through the systems as they ship.
 * @throws MaskloomError as `evaluate`, `buildPipelines` choice and build errors, OUTPUT_UNWRITABLE
 */
export async function evaluateBundle(options: EvaluateBundleOptions): Promise<HeldOutFigures> {
  const { data, device = 'auto', signal = new AbortController().signal, limit, out, onProgress } = options;
  // Before the work, not after it: is there a place for the result?
  const file = out === undefined ? undefined : reserveFile(out);
  await using built = await buildPipelines(
    { ...options, device, task: ['referring', 'prompted'], adapt: forManyQuestions },
    signal,
  );
  const evaluation = await evaluate({
    data,
    pipelines: built.pipelines,
    signal,
    several: [recipeId(several)],
    ...(limit === undefined ? {} : { limit }),
    ...(options.maxPixels === undefined ? {} : { maxPixels: options.maxPixels }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const figures = {
    schema: FIGURES_SCHEMA,
    bundle: built.bundle,
    data: basename(resolve(data)),
    ...evaluation,
  } as const;
  file?.write(`${JSON.stringify(figures, undefined, 1)}\n`);
  return figures;
}

/** Each language model reads an image once for all questions; empty masks stay, so that masks keep their places. */
function forManyQuestions(recipe: AnyRecipe): AnyRecipe {
  const { LanguageModel, Assembler } = recipe.stages;
  return {
    ...recipe,
    stages: {
      ...recipe.stages,
      ...(LanguageModel?.name === 'llava/language-model'
        ? { LanguageModel: llavaLanguageModel({ keepImages: 1 }) }
        : {}),
      ...(Assembler?.name === 'sam/threshold-assembler'
        ? { Assembler: thresholdAssembler({ minArea: 0 }) }
        : {}),
    },
  };
}
