import { MaskloomError, type ImageFrame, type SegmentRequest, type Task } from '@maskloom/core';
import { loadImage } from '@maskloom/runtime';
import type { SkippedInput } from '../output/predictions.js';
import { checkRequest } from './check-request.js';
import { dataImages } from './data-images.js';
import { expandInputs } from './expand-inputs.js';
import type { CompareOptions } from './options.js';
import type { ComparedImage } from './compared-image.js';
import { queryFor } from './read-queries.js';
import { given } from '../given.js';

/** One image to segment, or why that cannot be. */
export type Job =
  | { readonly image: ComparedImage; readonly request: SegmentRequest }
  | { readonly image: ComparedImage; readonly error: MaskloomError };

/** A decoded image with its warnings. */
export interface LoadedImage {
  readonly frame: ImageFrame;
  readonly warnings: readonly string[];
}

/** What is to be done, and what is passed over. */
export interface JobPlan {
  readonly jobs: readonly Job[];
  readonly skipped: readonly SkippedInput[];
}

/**
 * Finds the images and what is asked of each.
 * @throws MaskloomError OPTION_INVALID when the task needs a text or a region and none was given
 */
export async function planJobs(options: CompareOptions, task: Task, signal: AbortSignal): Promise<JobPlan> {
  const skipped: SkippedInput[] = [];
  const jobs: Job[] = [];
  if (options.data !== undefined) {
    const data = await dataImages(options.data, signal, options.maxPixels);
    skipped.push(...data.skipped);
    jobs.push(...data.images.map((image) => withRequest(image, options, task)));
  }
  // Queries and images may bring texts of their own; what has none then is listed image by image.
  const own = options.queries !== undefined || options.images.every((image) => typeof image !== 'string');
  if (options.images.length > 0) checkRequest(task, own ? { ...options, text: options.text ?? '' } : options);
  for (const input of options.images) {
    if (typeof input !== 'string') jobs.push(withRequest(input, options, task));
    else {
      for (const one of await expandInputs([input], (path, reason) => skipped.push({ path, reason }))) {
        jobs.push(
          'error' in one
            ? { image: { path: one.path }, error: one.error }
            : withRequest({ path: one.path }, options, task),
        );
      }
    }
  }
  // A file that is named twice with one request is done once.
  const seen = new Set<string>();
  const once = jobs.filter((job) => {
    const key = JSON.stringify([job.image.path, 'request' in job ? job.request : '']);
    return !seen.has(key) && seen.add(key);
  });
  return { jobs: once, skipped };
}

function withRequest(image: ComparedImage, options: CompareOptions, fallback: Task): Job {
  const task = image.task ?? fallback;
  const text = image.text ?? (options.queries && queryFor(options.queries, image.path)) ?? options.text;
  if ((task === 'referring' || task === 'reasoning') && (text ?? '').trim() === '') {
    const error = new MaskloomError(
      'VALUE_INVALID',
      `There is no text for this image, and the task '${task}' needs one.`,
      {
        where: image.path,
        hint: 'Give --text, or an entry in the --queries file.',
      },
    );
    return { image, error };
  }
  const { prompts } = options;
  const { labels = options.labels } = image;
  return {
    image,
    request: {
      task,
      ...given({ text, labels, prompts }),
    },
  };
}

/**
 * Decodes the images in order, each while its predecessor is worked on.
 * @returns for each job the image or the error
 */
export async function* loadAhead(
  jobs: readonly Job[],
  signal: AbortSignal,
  limits: Pick<CompareOptions, 'maxPixels'> = {},
): AsyncGenerator<{ readonly job: Job; readonly loaded: LoadedImage | MaskloomError }> {
  let next = jobs[0] === undefined ? undefined : load(jobs[0], signal, limits);
  for (const [index, job] of jobs.entries()) {
    const loaded = await next;
    const following = jobs[index + 1];
    next = following === undefined ? undefined : load(following, signal, limits);
    if (loaded !== undefined) yield { job, loaded };
  }
}

/** Never rejects: a rejection while nobody waits would end the process. */
async function load(
  job: Job,
  signal: AbortSignal,
  { maxPixels }: Pick<CompareOptions, 'maxPixels'>,
): Promise<LoadedImage | MaskloomError> {
  if ('error' in job) return job.error;
  const warnings: string[] = [];
  try {
    return {
      frame: await loadImage(job.image.path, {
        signal,
        ...(maxPixels === undefined ? {} : { maxPixels }),
        onWarning: (message) => warnings.push(message),
      }),
      warnings,
    };
  } catch (error) {
    if (MaskloomError.is(error)) return error;
    return new MaskloomError('IMAGE_UNREADABLE', `The image cannot be read: ${String(error)}`, {
      where: job.image.path,
      cause: error,
    });
  }
}
