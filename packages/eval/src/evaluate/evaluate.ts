import { createFeatureCache, MaskloomError, throwIfAborted, type Pipeline } from '@maskloom/core';
import { loadImage } from '@maskloom/runtime';
import type { BootstrapOptions } from '@maskloom/metrics';
import type { Figure } from '@maskloom/metrics';
import { PromptedScorer } from './prompted-scorer.js';
import { ReferringScorer } from './referring-scorer.js';
import { readScenes, type HeldOutScene } from './scenes.js';
import type { LoadedScene, Scorer } from './score.js';

/** What to measure, and on what. */
export interface EvaluateOptions {
  /** Folder in the layout of the synthetic world. */
  readonly data: string;
  /** Pipelines on one model source, each for `referring` or `prompted`; disposed of by the caller. */
  readonly pipelines: readonly Pipeline[];
  /** Largest width * height of a picture that is read; 100,000,000 when absent. */
  readonly maxPixels?: number;
  /** The first images only; all when absent. */
  readonly limit?: number;
  /** Questions to one pipeline at a time: 4 when absent. */
  readonly concurrency?: number;
  /** Ids of the recipes trained on several targets per question: asked for two at once as well. */
  readonly several?: readonly string[];
  /** How the intervals are drawn. */
  readonly bootstrap?: BootstrapOptions;
  /** Ends the measurement. */
  readonly signal?: AbortSignal;
  /** Told after each image. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The figures of one recipe. */
export interface RecipeFigures {
  /** By column: `cIoU all`, `cIoU control`, `See`, `mIoU box all`, ... */
  readonly figures: Readonly<Record<string, Figure>>;
  /** Questions (equal texts on one image are one), or prompts. */
  readonly questions: number;
  /** Wall time per question in milliseconds, the encoders' share included for the first recipe on each image. */
  readonly msPerQuestion: number;
}

/** Held-out figures of several recipes. */
export interface Evaluation {
  /** Images measured. */
  readonly images: number;
  /** By recipe id, in the order of the pipelines. */
  readonly recipes: Readonly<Record<string, RecipeFigures>>;
}

/**
 * Measures recipes on a data set, by the training kit's definitions: referring recipes on `refer/refs.json` and
 * `fp/refs.json` (see `ReferringScores`), prompted ones on the panoptic pictures (`PromptedScorer`'s columns
 * `mIoU <box|point> <all|things|stuff>`). Encoders run once per image whatever the number of recipes.
 * @throws MaskloomError `DATA_NOT_FOUND`, `DATA_INVALID`, `TASK_UNSUPPORTED`, `ABORTED`, and what images and pipelines
 * throw: a figure that leaves a failed image out would not be the set's
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { pipelines, signal = new AbortController().signal, concurrency = 4, several = [] } = options;
  const columns = pipelines.map((pipeline) => ({
    pipeline,
    scorer: scorerFor(pipeline, several),
    questions: 0,
    ms: 0,
  }));
  const phrases = columns.some(({ scorer }) => scorer instanceof ReferringScorer);
  const scenes = await readScenes(options.data, options.limit, phrases);
  throwIfAborted(signal, 'evaluate');
  using cache = createFeatureCache({ maxImages: 2 });
  let done = 0;
  for await (const scene of loadAhead(scenes, signal, options.maxPixels)) {
    for (const column of columns) {
      const start = performance.now();
      column.questions += await column.scorer.add(column.pipeline, scene, { cache, signal, concurrency });
      column.ms += performance.now() - start;
    }
    done++;
    options.onProgress?.(done, scenes.length);
  }
  const recipes = columns.map(({ pipeline, scorer, questions, ms }): [string, RecipeFigures] => [
    pipeline.id,
    {
      figures: scorer.figures(options.bootstrap),
      questions,
      msPerQuestion: questions === 0 ? 0 : ms / questions,
    },
  ]);
  return { images: done, recipes: Object.fromEntries(recipes) };
}

function scorerFor({ id, recipe }: Pipeline, several: readonly string[]): Scorer {
  if (recipe.tasks.includes('referring')) return new ReferringScorer(several.includes(id));
  if (recipe.tasks.includes('prompted')) return new PromptedScorer();
  throw new MaskloomError('TASK_UNSUPPORTED', `There is no measure for what ${id} can do.`, {
    where: id,
    hint: 'Measured are recipes for the tasks referring and prompted.',
  });
}

/** Decodes images in order, each while its predecessor is worked on. */
async function* loadAhead(
  scenes: readonly HeldOutScene[],
  signal: AbortSignal,
  maxPixels: number | undefined,
): AsyncGenerator<LoadedScene> {
  const limits = { signal, ...(maxPixels === undefined ? {} : { maxPixels }) };
  const load = (scene: HeldOutScene | undefined): Promise<LoadedScene> | undefined => {
    if (scene === undefined) return undefined;
    const loading = loadImage(scene.path, limits).then((frame) => ({ ...scene, frame }));
    // Awaited in its turn: until then a failure must not end the process.
    loading.catch(() => undefined);
    return loading;
  };
  let next = load(scenes[0]);
  for (let i = 1; next !== undefined; i++) {
    const scene: LoadedScene = await next;
    next = load(scenes[i]);
    yield scene;
  }
}
