import {
  compare,
  createFeatureCache,
  DEVICE_CHOICES,
  MaskloomError,
  suggest,
  recipeId,
  type AnyRecipe,
  type DeviceChoice,
  type Outcome,
  slotsInOrder,
} from '@maskloom/core';
import { stat } from 'node:fs/promises';
import {
  fromFailure,
  PREDICTIONS_SCHEMA,
  toFailure,
  toRun,
  type PredictionRun,
  type SkippedInput,
} from '../output/predictions.js';
import { describeWeights, type UsedWeights } from '../bundles/used-weights.js';
import { buildPipelines, columnsOf, reworded, type BuiltPipelines } from './build-pipelines.js';
import { loadAhead, planJobs, type Job, type JobPlan, type LoadedImage } from './jobs.js';
import { keyOf } from './journal.js';
import type { CompareOptions, CompareResult } from './options.js';
import { describeSettings } from './stage-settings.js';
import { ResultFolder, type RunKeys } from './result-folder.js';
import { createTally } from './tally.js';

/**
 * Runs several recipes on the same images. Each encoder runs once per image whatever the number of recipes; the next
 * image is decoded meanwhile; images are not kept. An image that cannot be read, and a recipe that fails on one, are
 * listed in `failures` while the others go on.
 *
 * With `out`, the folder gets `predictions.json`, `report.html` and, where asked for, `overlays/`, `maps/` and the masks in other
 * forms; where images were compared with descriptions, `descriptions.json`; whole or not at all. With `resume` what is done when
 * the comparison is interrupted stays aside, also after a kill.
 *
 * @throws MaskloomError OPTION_INVALID, SYSTEM_UNKNOWN, RECIPE_UNKNOWN, TASK_UNSUPPORTED, DEVICE_*, BUNDLE_*, DATA_*,
 * OUTPUT_UNWRITABLE, ABORTED; and the first image's error when no image gave a result
 */
export async function compareImages(options: CompareOptions): Promise<CompareResult> {
  const { device = 'auto', task = 'referring', signal = new AbortController().signal } = options;
  checkDevice(device);
  const folder = options.out === undefined ? undefined : new ResultFolder(options.out, options, signal);
  let total = 0;
  try {
    const plan = await planJobs(options, task, signal);
    const { jobs } = plan;
    total = jobs.length;
    if (jobs.length === 0)
      throw new MaskloomError('OPTION_INVALID', 'There are no images to compare.', {
        hint: 'Name files, folders or patterns.',
      });
    // Nothing to do but report why: no model needs to be opened.
    if (jobs.every((job) => 'error' in job)) throw failureOf(jobs);
    const tasks = [...new Set(jobs.flatMap((job) => ('request' in job ? [job.request.task] : [])))];
    const adapt = (recipe: AnyRecipe): AnyRecipe => reworded(recipe, options.wording);
    await using built = await buildPipelines({ ...options, device, task: tasks, adapt }, signal);
    const result = await run(plan, built, options, folder, signal);
    await folder?.commit(result.predictions, signal);
    return folder === undefined ? result : { ...result, report: folder.reportPath };
  } catch (error) {
    await folder?.discard(signal.aborted);
    if (signal.aborted && folder !== undefined && folder.kept > 0) options.onKept?.(folder.kept, total);
    throw error;
  }
}

async function run(
  { jobs, skipped }: JobPlan,
  built: BuiltPipelines,
  options: CompareOptions,
  folder: ResultFolder | undefined,
  signal: AbortSignal,
): Promise<CompareResult> {
  // Scenes with a truth are generated ones, but for those of data sets.
  const strange = jobs.some(isStrange) ? worldNotes(built) : [];
  for (const note of strange) options.onWarning?.(note);
  const keys = options.resume === undefined ? undefined : await runKeys(jobs, built, options);
  const head = reportHead(built, options, { jobs, skipped }, strange);
  const before = (await folder?.begin(head, keys)) ?? [];
  const tally = createTally(built.recipes, before.at(-1)?.report.totals);
  const runs = before.flatMap((entry) => entry.runs);
  const failures = before.flatMap((entry) => entry.failures.map(fromFailure));
  using cache = createFeatureCache({ maxImages: 1 });
  for (const { id: recipe, events } of built.pipelines)
    events.on('text', ({ text }) => options.onText?.({ recipe, text }));
  let done = before.length;
  for await (const { job, loaded } of loadAhead(jobs.slice(done), signal, options)) {
    const { path } = job.image;
    const first = { runs: runs.length, failures: failures.length };
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
    const written = failures.slice(first.failures).map(toFailure);
    await folder?.finishImage(keys?.images[done] ?? '', runs.slice(first.runs), written);
    options.onProgress?.({ done: ++done, total: jobs.length, path });
  }
  if (runs.length === 0 && failures[0] !== undefined) throw failures[0].error;
  return {
    predictions: {
      schema: PREDICTIONS_SCHEMA,
      runs,
      failures: failures.map(toFailure),
      skipped: [...skipped],
    },
    failures,
    totals: tally.totals(),
    ...truthOf(jobs),
    devices: devicesOf(runs),
  };
}

/** What results depend on: recipes, weights, wording, device, and of each image its question and its file. */
async function runKeys(
  jobs: readonly Job[],
  { recipes, weights }: BuiltPipelines,
  { device, wording, settings, pictures, maxPixels }: CompareOptions,
): Promise<RunKeys> {
  const truth = jobs.some(({ image }) => image.truth !== undefined);
  const run = keyOf({
    recipes: recipes.map(recipeId),
    weights: [...weights],
    device,
    wording,
    settings,
    pictures,
    maxPixels,
    truth,
  });
  const images = jobs.map(async (job) => {
    const file = await stat(job.image.path).catch(() => undefined);
    return keyOf([job.image, 'request' in job ? job.request : null, file?.size, file?.mtimeMs]);
  });
  return { run, images: await Promise.all(images) };
}

function truthOf(jobs: readonly Job[]): Pick<CompareResult, 'truth'> {
  const known = jobs.filter(({ image }) => image.truth !== undefined);
  if (known.length === 0) return {};
  return { truth: known.some(({ image }) => image.dataset !== undefined) ? 'data set' : 'generated' };
}

function isStrange({ image }: Job): boolean {
  return image.truth === undefined || image.dataset !== undefined;
}

function notesOn(job: Job, built: BuiltPipelines, recipe: string): readonly string[] {
  const { worldNote } = weightsOf(built, recipe);
  return worldNote === undefined || !isStrange(job) ? built.warnings : [worldNote, ...built.warnings];
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
  { jobs, skipped }: JobPlan,
  strange: readonly string[],
) {
  const columns = columnsOf(built.recipes);
  const truth = jobs.some((job) => job.image.truth !== undefined);
  const title =
    options.report?.title ?? `Maskloom: ${plural(columns.length, 'recipe')} on ${countText(jobs)}`;
  const facts = [
    ...[...built.weights].map(
      ([recipe, used]) => ['weights', `${recipe}: ${describeWeights(used)}`] as const,
    ),
    ['device asked for', options.device ?? 'auto'],
    ...describeSettings(options.settings ?? {}).map((text) => ['set', text] as const),
    ...[...strange, ...built.warnings].map((warning) => ['note', warning] as const),
    ...(skipped.length === 0 ? [] : [['skipped', skippedText(skipped)] as const]),
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

/** A picture may be asked several things. */
function countText(jobs: readonly Job[]): string {
  const images = new Set(jobs.map(({ image }) => image.path)).size;
  return images === jobs.length
    ? plural(images, 'image')
    : `${plural(images, 'image')}, ${plural(jobs.length, 'question')}`;
}

/** Files named in a line; the rest is counted. */
const NAMED = 10;

function skippedText(skipped: readonly SkippedInput[]): string {
  const named = skipped.slice(0, NAMED).map(({ path, reason }) => `${path} (${reason})`);
  const rest = skipped.length > NAMED ? `; and ${skipped.length - NAMED} more, see predictions.json` : '';
  return `${named.join('; ')}${rest}`;
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
