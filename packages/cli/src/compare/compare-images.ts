import {
  compare,
  createFeatureCache,
  DEVICE_CHOICES,
  MaskloomError,
  suggest,
  type AnyRecipe,
  type DeviceChoice,
  type Outcome,
  slotsInOrder,
} from '@maskloom/core';
import { PREDICTIONS_SCHEMA, toFailure, toRun, type PredictionRun } from '../output/predictions.js';
import { describeWeights, type UsedWeights } from '../bundles/used-weights.js';
import { buildPipelines, columnsOf, reworded, type BuiltPipelines } from './build-pipelines.js';
import { loadAhead, planJobs, type Job, type LoadedImage } from './jobs.js';
import type { CompareFailure, CompareOptions, CompareResult } from './options.js';
import { ResultFolder } from './result-folder.js';
import { createTally } from './tally.js';

/**
 * Runs several recipes on the same images. Each encoder runs once per image whatever the number of recipes; the next
 * image is decoded meanwhile; images are not kept. An image that cannot be read, and a recipe that fails on one, are
 * listed in `failures` while the others go on.
 *
 * With `out`, the folder gets `predictions.json`, `report.html`, `overlays/`, `maps/` and, where images were compared with
 * descriptions, `descriptions.json`; whole or not at all.
 *
 * @throws MaskloomError OPTION_INVALID, SYSTEM_UNKNOWN, RECIPE_UNKNOWN, TASK_UNSUPPORTED, DEVICE_*, BUNDLE_*,
 * OUTPUT_UNWRITABLE, ABORTED; and the first image's error when no image gave a result
 */
export async function compareImages(options: CompareOptions): Promise<CompareResult> {
  const { device = 'auto', task = 'referring', signal = new AbortController().signal } = options;
  checkDevice(device);
  const folder = options.out === undefined ? undefined : new ResultFolder(options.out, options.save);
  try {
    const jobs = await planJobs(options, task);
    if (jobs.length === 0)
      throw new MaskloomError('OPTION_INVALID', 'There are no images to compare.', {
        hint: 'Name files, folders or patterns.',
      });
    // Nothing to do but report why: no model needs to be opened.
    if (jobs.every((job) => 'error' in job)) throw failureOf(jobs);
    const tasks = [...new Set(jobs.flatMap((job) => ('request' in job ? [job.request.task] : [])))];
    const adapt = (recipe: AnyRecipe): AnyRecipe => reworded(recipe, options.wording);
    await using built = await buildPipelines({ ...options, device, task: tasks, adapt }, signal);
    const result = await run(jobs, built, options, folder, signal);
    await folder?.commit(result.predictions, signal);
    return folder === undefined ? result : { ...result, report: folder.reportPath };
  } catch (error) {
    await folder?.discard();
    throw error;
  }
}

async function run(
  jobs: readonly Job[],
  built: BuiltPipelines,
  options: CompareOptions,
  folder: ResultFolder | undefined,
  signal: AbortSignal,
): Promise<CompareResult> {
  const truth = jobs.some((job) => job.image.truth !== undefined);
  // Scenes with a truth are generated ones.
  const strange = jobs.some((job) => job.image.truth === undefined) ? worldNotes(built) : [];
  for (const note of strange) options.onWarning?.(note);
  const tally = createTally(built.recipes);
  const runs: PredictionRun[] = [];
  const failures: CompareFailure[] = [];
  using cache = createFeatureCache({ maxImages: 1 });
  await folder?.begin(reportHead(built, options, jobs.length, truth, strange));
  for (const { id: recipe, events } of built.pipelines)
    events.on('text', ({ text }) => options.onText?.({ recipe, text }));
  let done = 0;
  for await (const { job, loaded } of loadAhead(jobs, signal, options)) {
    const { path } = job.image;
    if (loaded instanceof MaskloomError || 'error' in job) {
      if (signal.aborted) throw loaded;
      const failure = { path, error: loaded as MaskloomError };
      failures.push(failure);
      await folder?.addFailure(failure);
    } else {
      const able = built.pipelines.filter(({ recipe }) => recipe.tasks.includes(job.request.task));
      const outcomes = withWarnings(
        await compare(able, loaded.frame, job.request, { signal, cache }),
        loaded,
      );
      for (const outcome of outcomes) {
        tally.count(outcome, loaded.frame, job.image.truth);
        if (outcome.ok)
          runs.push(
            toRun(
              loaded.frame,
              path,
              weightsOf(built, outcome.pipeline),
              outcome.prediction,
              notesOn(job, built, outcome.pipeline),
            ),
          );
        else failures.push({ path, recipe: outcome.pipeline, error: outcome.error });
      }
      await folder?.addRow({ image: job.image, frame: loaded.frame, request: job.request, outcomes });
    }
    options.onProgress?.({ done: ++done, total: jobs.length, path });
  }
  if (runs.length === 0 && failures[0] !== undefined) throw failures[0].error;
  return {
    predictions: { schema: PREDICTIONS_SCHEMA, runs, failures: failures.map(toFailure), skipped: [] },
    failures,
    totals: tally.totals(),
    devices: devicesOf(runs),
  };
}

function notesOn({ image }: Job, built: BuiltPipelines, recipe: string): readonly string[] {
  const { worldNote } = weightsOf(built, recipe);
  return worldNote === undefined || image.truth !== undefined
    ? built.warnings
    : [worldNote, ...built.warnings];
}

function worldNotes({ weights }: BuiltPipelines): readonly string[] {
  return [...new Set([...weights.values()].flatMap(({ worldNote }) => worldNote ?? []))];
}

function weightsOf({ weights }: BuiltPipelines, recipe: string): UsedWeights {
  const found = weights.get(recipe);
  if (found === undefined) throw new MaskloomError('INTERNAL', `The weights of ${recipe} are not known.`);
  return found;
}

function reportHead(
  built: BuiltPipelines,
  options: CompareOptions,
  images: number,
  truth: boolean,
  strange: readonly string[],
) {
  const columns = columnsOf(built.recipes);
  const title =
    options.report?.title ?? `Maskloom: ${plural(columns.length, 'recipe')} on ${plural(images, 'image')}`;
  const facts = [
    ...[...built.weights].map(
      ([recipe, used]) => ['weights', `${recipe}: ${describeWeights(used)}`] as const,
    ),
    ['device asked for', options.device ?? 'auto'],
    ...[...strange, ...built.warnings].map((warning) => ['note', warning] as const),
    ['made', new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC'],
  ] as const;
  const truthNote = options.report?.truthNote;
  const slots = slotsInOrder(built.pipelines.flatMap(({ recipe }) => Object.values(recipe.stages)));
  return {
    title,
    columns,
    facts,
    truth,
    slots: slots.map(({ name }) => name),
    ...(truthNote === undefined ? {} : { truthNote }),
  };
}

function withWarnings(outcomes: readonly Outcome[], { warnings }: LoadedImage): readonly Outcome[] {
  if (warnings.length === 0) return outcomes;
  return outcomes.map((outcome) =>
    outcome.ok
      ? {
          ...outcome,
          prediction: { ...outcome.prediction, warnings: [...warnings, ...outcome.prediction.warnings] },
        }
      : outcome,
  );
}

function devicesOf(runs: readonly PredictionRun[]): readonly string[] {
  return [...new Set(runs.flatMap((run) => run.stages.map((stage) => stage.device)))]
    .filter((device) => device !== 'js')
    .sort();
}

function failureOf(jobs: readonly Job[]): MaskloomError {
  const errors = jobs.flatMap((job) => ('error' in job ? [job.error] : []));
  return errors[0] ?? new MaskloomError('INTERNAL', 'No image could be planned.');
}

/** @throws MaskloomError DEVICE_UNKNOWN naming the nearest */
function checkDevice(device: string): asserts device is DeviceChoice {
  if ((DEVICE_CHOICES as readonly string[]).includes(device)) return;
  throw new MaskloomError('DEVICE_UNKNOWN', `There is no device '${device}'.`, {
    where: 'device',
    hint: suggest(device, DEVICE_CHOICES),
  });
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
