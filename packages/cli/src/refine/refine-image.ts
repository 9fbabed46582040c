import {
  compose,
  MaskloomError,
  recipeId,
  type AnyRecipe,
  type Box,
  type Conversation,
  type ConversationRecord,
  type DeviceChoice,
  type ImageFrame,
  type Pipeline,
  type Prediction,
  type SegmentRequest,
} from '@maskloom/core';
import { loadImage, onnx } from '@maskloom/runtime';
import { findBundle } from '../bundles/find-bundle.js';
import { createDefaultRegistry } from '../default-registry.js';
import { readMask } from './read-mask.js';
import { RefinementFolder } from './refinement-folder.js';

/** What to refine, and how. */
export interface RefineImageOptions {
  /** An image file. */
  readonly image: string;
  /** The system that is asked first; not needed with a mask. */
  readonly system?: string;
  /** What it is asked. */
  readonly request: SegmentRequest;
  /** Instructions, one turn each. */
  readonly say: readonly string[];
  /** Where all of them apply. */
  readonly box?: Box<'ImagePx'>;
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
  /** Where models run. */
  readonly device: DeviceChoice;
  /** Folder for the conversation, the report and overlays; nothing is written when absent. */
  readonly out?: string;
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
 * VALUE_INVALID when an instruction cannot be understood, OUTPUT_UNWRITABLE, ABORTED
 */
export async function refineImage(options: RefineImageOptions): Promise<RefineImageResult> {
  const { system, mask, signal, device, onWarning, refiner = 'refine/concat' } = options;
  if (system === undefined && mask === undefined) {
    throw new MaskloomError('OPTION_INVALID', 'There is nothing to refine.', {
      where: '--system',
      hint: 'Name a system to ask, or give a mask.',
    });
  }
  const registry = createDefaultRegistry();
  const recipes = [registry.recipe(system ?? refiner), registry.recipe(refiner)];
  const folder = options.out === undefined ? undefined : new RefinementFolder(options.out);
  try {
    const image = await loadImage(options.image, { signal });
    const bundle = findBundle(options.bundle);
    await using models = onnx({ bundle, device, ...(onWarning && { onWarning }) });
    const build = (recipe: AnyRecipe): Promise<Pipeline> => compose(recipe).on(models).build({ signal });
    await using asked = await build(recipes[0] as AnyRecipe);
    await using helper = await build(recipes[1] as AnyRecipe);
    const talk = asked.converse(image, { refiner: helper });
    await start(talk, image, options);
    for (const words of options.say) await talk.say(words, hintsOf(options), { signal });
    const steps = talk.steps.map(({ prediction }) => prediction);
    const record = talk.save();
    await folder?.commit({
      image,
      path: options.image,
      record,
      steps,
      refiner: recipeId(recipes[1] as AnyRecipe),
    });
    return { record, steps, ...(folder === undefined ? {} : { report: folder.reportPath }) };
  } catch (error) {
    folder?.discard();
    throw error;
  }
}

async function start(talk: Conversation, image: ImageFrame, options: RefineImageOptions): Promise<void> {
  const { mask, label = 'object', request, signal } = options;
  if (mask === undefined) {
    await talk.ask(request, { signal });
    return;
  }
  const segment = await readMask(mask, image, label, signal);
  talk.adopt({
    system: 'given',
    recipe: 'mask',
    request,
    answer: '',
    segments: [segment],
    stages: [],
    warnings: [],
  });
}

function hintsOf({ box, segment }: RefineImageOptions) {
  return { ...(box === undefined ? {} : { box }), ...(segment === undefined ? {} : { segment }) };
}
