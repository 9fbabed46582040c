import { dirname, join } from 'node:path';
import type { DeviceChoice } from '@maskloom/core';
import { compareImages } from '../compare/compare-images.js';
import type { CompareProgress, CompareResult } from '../compare/options.js';
import { refineScene } from './refine-scene.js';
import { semanticScenes } from './semantic-scenes.js';
import { FIRST_SEED, freeScenes, PLAN, writeScenes } from './write-scenes.js';

/** Asked of files that come without a text. */
export const DEFAULT_QUESTION = 'the largest thing';

/**
 * The systems shown. `sam/everything` is left out: its thresholds are the reference's, chosen for a full-size SAM, and the toy
 * rarely reaches them; nor has it names to be compared with.
 */
const SHOWN = ['stacked-seg', 'read', 'rose', 'lmseg'] as const;

/** What the demonstration runs on. */
export interface StartOptions {
  /** Folder for the report; the scenes go into `scenes` beside it. */
  readonly out: string;
  /** Files, folders or patterns to compare as well. */
  readonly files?: readonly string[];
  /** What to find in those files; {@link DEFAULT_QUESTION} when absent. */
  readonly text?: string;
  /** Where models run; `auto` when absent. */
  readonly device?: DeviceChoice;
  /** Ends the run; no report appears. */
  readonly signal?: AbortSignal;
  /** Told after every image. */
  readonly onProgress?: (progress: CompareProgress) => void;
  /** Told what the reader should know. */
  readonly onWarning?: (message: string) => void;
}

/** The demonstration's outcome. */
export interface StartResult extends CompareResult {
  /** The path of the page that shows the conversation, each step beside the one before. */
  readonly refinement?: string;
}

/**
 * The demonstration behind `npm start`: twelve generated scenes with a question each, some of them once more without
 * any (free vocabulary) and with a list of classes, and any files of one's own, through every recipe of the four systems
 * that the embedded bundle has and that can do the task; and a conversation about one scene, in the folder `refinement` beside the report.
 * @throws MaskloomError as `compareImages` and `refineImage`
 */
export async function runStart(options: StartOptions): Promise<StartResult> {
  const { out, files = [], text = DEFAULT_QUESTION, ...rest } = options;
  const scenes = await writeScenes(join(dirname(out), 'scenes'));
  const result = await compareImages({
    ...rest,
    images: [...scenes, ...freeScenes(scenes), ...semanticScenes(scenes, PLAN, FIRST_SEED), ...files],
    systems: SHOWN,
    text,
    out,
    report: {
      title: 'Maskloom: every recipe of the embedded bundle, side by side',
      truthNote:
        'Ground truth, IoU and cIoU exist only for the generated scenes (the synthetic world that the embedded models were trained on, with other seeds); they say nothing about photographs.',
    },
  });
  const { signal = new AbortController().signal, device = 'auto' } = options;
  const { report: refinement } = await refineScene(scenes, {
    out: join(dirname(out), 'refinement'),
    device,
    signal,
  });
  return { ...result, ...(refinement === undefined ? {} : { refinement }) };
}
