import {
  compose,
  defaultTask,
  MaskloomError,
  readInstruction,
  recipeId,
  type AnyRecipe,
  type Box,
  type Conversation,
  type ConversationRecord,
  type DeviceChoice,
  type ImageFrame,
  type InstructionHints,
  type Pipeline,
  type Prediction,
  type Registry,
  type SegmentRequest,
  type Task,
} from '@maskloom/core';
import type { MaskForm } from '@maskloom/data';
import { loadImage, onnx, openBundle, type OnnxSource } from '@maskloom/runtime';
import { findBundle } from '../bundles/find-bundle.js';
import { checkRequest } from '../compare/check-request.js';
import { worldNote } from '../compare/known-world.js';
import { createDefaultRegistry } from '../default-registry.js';
import { readSegment } from './read-mask.js';
import { RefinementFolder } from './refinement-folder.js';
import { given } from '../given.js';

/** What to refine, and how. */
export interface RefineImageOptions {
  /** An image file. */
  readonly image: string;
  /** The system that is asked first; not needed with a mask. */
  readonly system?: string;
  /** What it is asked to do; when absent, what the text and labels are for, in the form that it can do. */
  readonly task?: Task;
  /** The phrase or question it is asked. */
  readonly text?: string;
  /** The classes it is asked for. */
  readonly labels?: readonly string[];
  /** Instructions, one turn each. */
  readonly say: readonly string[];
  /** Where they apply: one for all of them, or one each; they also prompt a system that is asked the task `prompted`. */
  readonly boxes?: readonly Box<'ImagePx'>[];
  /** Which segment all of them are about. */
  readonly segment?: number;
  /** A picture of a mask to start from, in place of a system's prediction. */
  readonly mask?: string;
  /** The name of what the mask shows. */
  readonly label?: string;
  /** The refiner's recipe; `refine/concat` when absent. */
  readonly refiner?: string;
  /** An embedded bundle's name or a bundle's folder; `tiny` when absent. */
  readonly bundle?: string;
  /** The refiner's bundle; that of the system when absent. */
  readonly refinerBundle?: string;
  /** Where models run. */
  readonly device: DeviceChoice;
  /** Folder for the conversation, the report and overlays; nothing is written when absent. */
  readonly out?: string;
  /** Forms in which every step's masks are written into the folder besides; none when absent. */
  readonly save?: readonly MaskForm[];
  /** The image is a scene of the synthetic world, which models that were trained on it alone know; false when absent. */
  readonly generated?: boolean;
  /** A sentence for the reader of the report, e.g. who says what. */
  readonly note?: string;
  /** Systems to choose from; those that come with the command when absent. */
  readonly registry?: Registry;
  /** Largest width * height of a picture that is read; 100,000,000 when absent. */
  readonly maxPixels?: number;
  /** Ends the work; nothing is left behind. */
  readonly signal: AbortSignal;
  /** Told what the reader should know. */
  readonly onWarning?: (message: string) => void;
}

/** A refinement's outcome. */
export interface RefineImageResult {
  /** Every step. */
  readonly record: ConversationRecord;
  /** What is known after each step. */
  readonly steps: readonly Prediction[];
  /** The report's path, when a folder was given. */
  readonly report?: string;
}

/**
 * Asks a system about an image, or takes a mask, and says what is wrong with the result, turn by turn.
 * @throws MaskloomError OPTION_INVALID, SYSTEM_UNKNOWN, RECIPE_UNKNOWN, MASK_INVALID, IMAGE_*, BUNDLE_*, DEVICE_*,
 * INSTRUCTION_UNKNOWN, VALUE_INVALID when an instruction cannot be understood, OUTPUT_UNWRITABLE, ABORTED
 */
export async function refineImage(options: RefineImageOptions): Promise<RefineImageResult> {
  const { system, signal, device, onWarning, refiner = 'refine/concat' } = options;
  checkOptions(options);
  const registry = options.registry ?? createDefaultRegistry();
  const [asked, helper] = [registry.recipe(system ?? refiner), registry.recipe(refiner)];
  if (helper.stages.Refiner === undefined) {
    throw new MaskloomError('OPTION_INVALID', `${recipeId(helper)} refines nothing.`, {
      where: '--refiner',
      hint: 'Name one such as refine/concat.',
    });
  }
  const request = requestOf(options, asked.tasks);
  const folder = options.out === undefined ? undefined : new RefinementFolder(options.out, options.save);
  try {
    const { maxPixels } = options;
    const image = await loadImage(options.image, {
      signal,
      ...(maxPixels === undefined ? {} : { maxPixels }),
    });
    const notes = options.generated === true ? [] : await strangerNotes(options);
    const open = (bundle?: string) =>
      onnx({ bundle: findBundle(bundle), device, ...(onWarning && { onWarning }) });
    const build = (recipe: AnyRecipe, models: OnnxSource): Promise<Pipeline> =>
      compose(recipe).on(models).build({ signal });
    await using models = open(options.bundle);
    await using others = options.refinerBundle === undefined ? undefined : open(options.refinerBundle);
    await using first = await build(asked, system === undefined ? (others ?? models) : models);
    await using second = await build(helper, others ?? models);
    const talk = first.converse(image, { refiner: second });
    await start(talk, image, request, options);
    for (const [turn, words] of options.say.entries())
      await talk.say(words, hintsOf(options, turn), { signal });
    const steps = talk.steps.map(({ prediction }) => noting(prediction, notes));
    const record = recordNoting(talk.save(), notes);
    if (steps.some(isModelled)) for (const note of notes) onWarning?.(note);
    await folder?.commit({
      image,
      path: options.image,
      record,
      steps,
      facts: [
        ['refiner', recipeId(helper)],
        ...(options.note === undefined ? [] : [['note', options.note] as const]),
      ],
    });
    return { record, steps, ...(folder === undefined ? {} : { report: folder.reportPath }) };
  } catch (error) {
    folder?.discard();
    throw error;
  }
}

/** What is to be said of the image by the bundles whose models know generated scenes alone. */
async function strangerNotes({
  bundle,
  refinerBundle,
  signal,
}: RefineImageOptions): Promise<readonly string[]> {
  const notes = new Set<string>();
  for (const name of new Set([bundle, refinerBundle ?? bundle])) {
    const { manifest } = await openBundle(findBundle(name), signal);
    const note = worldNote(manifest);
    if (note !== undefined) notes.add(note);
  }
  return [...notes];
}

/** Whether models had a part in it: a given mask, and one that is made larger or renamed, are nobody's opinion. */
function isModelled({ stages }: Pick<Prediction, 'stages'>): boolean {
  return stages.length > 0;
}

function noting<T extends Pick<Prediction, 'stages' | 'warnings'>>(from: T, notes: readonly string[]): T {
  return isModelled(from) ? { ...from, warnings: [...notes, ...from.warnings] } : from;
}

function recordNoting(record: ConversationRecord, notes: readonly string[]): ConversationRecord {
  return {
    ...record,
    steps: record.steps.map((step) => ({ ...step, prediction: noting(step.prediction, notes) })),
  };
}

/** @throws MaskloomError OPTION_INVALID when there is nothing to refine, or it is not clear what or where */
function checkOptions({ system, mask, say, boxes = [] }: RefineImageOptions): void {
  const invalid = (where: string, message: string, hint: string): MaskloomError =>
    new MaskloomError('OPTION_INVALID', message, { where, hint });
  if (system === undefined && mask === undefined)
    throw invalid('--system', 'There is nothing to refine.', 'Name a system to ask, or give a mask.');
  if (system !== undefined && mask !== undefined)
    throw invalid('--mask', 'A system and a mask cannot both be refined.', 'Give one of them.');
  if (say.length === 0)
    throw invalid('--say', 'Nothing is said.', 'Say what is wrong, e.g. --say "the mask is incomplete".');
  if (boxes.length > 1 && boxes.length !== say.length)
    throw invalid(
      '--box',
      `There are ${boxes.length} boxes for ${say.length} instructions.`,
      'Give one box for all of them, or one for each.',
    );
  for (const [turn, words] of say.entries()) checkWords(words, boxes.length === 1 ? boxes[0] : boxes[turn]);
}

/**
 * Words that cannot be understood whatever is found are refused before any model runs.
 * @throws MaskloomError INSTRUCTION_UNKNOWN, VALUE_INVALID
 */
function checkWords(words: string, box: Box<'ImagePx'> | undefined): void {
  if (words.trim() === '') return;
  // As if everything in them were the name of something.
  readInstruction(words, [{ label: words, bbox: [0, 0, 0, 0] }], box);
}

/** What the system is asked. */
function requestOf(options: RefineImageOptions, able: readonly Task[]): SegmentRequest {
  const { text, labels, boxes = [] } = options;
  const asked = { text: text !== undefined, labels: labels !== undefined, regions: false, able };
  const task = options.task ?? defaultTask(asked);
  if (options.mask === undefined) checkRequest(task, options);
  return {
    task,
    ...given({ text, labels }),
    ...(task === 'prompted' ? { prompts: boxes.map((box) => ({ box })) } : {}),
  };
}

async function start(
  talk: Conversation,
  image: ImageFrame,
  request: SegmentRequest,
  { mask, label = 'object', maxPixels, signal }: RefineImageOptions,
): Promise<void> {
  if (mask === undefined) {
    await talk.ask(request, { signal });
    return;
  }
  const segment = await readSegment(mask, image, label, signal, maxPixels);
  talk.adopt({
    system: 'given',
    recipe: 'mask',
    request: { task: 'prompted' },
    answer: '',
    segments: [segment],
    stages: [],
    warnings: [],
  });
}

function hintsOf({ boxes = [], segment }: RefineImageOptions, turn: number): InstructionHints {
  const box = boxes.length === 1 ? boxes[0] : boxes[turn];
  return { ...(box === undefined ? {} : { box }), ...(segment === undefined ? {} : { segment }) };
}
