import { z } from 'zod';
import {
  defineStage,
  MaskloomError,
  Refiner,
  resolveInstruction,
  throwIfAborted,
  type BuildContext,
  type ImageFrame,
  type ModelSession,
  type Prediction,
  type RefineInstruction,
  type RunContext,
  type SlotStages,
  type StageFactory,
} from '@maskloom/core';
import { readSiglipPreset } from '@maskloom/clip';
import type { Paradigm } from './paradigm.js';
import { readRefinePreset, type RefinePreset } from './preset.js';
import { turnStages } from './turn/stages.js';
import { takeTurn, type TurnParts } from './turn/turn.js';

const flag = (about: string) => z.boolean().optional().describe(`${about}; the bundle's choice when absent.`);
const options = z.object({
  phrasing: z
    .number()
    .int()
    .min(0)
    .max(9)
    .optional()
    .describe(
      'Which of the ten wordings of a situation the model reads; when absent, the one that was said, else the first.',
    ),
  ownWords: flag(
    'Whether the model reads what was said, word by word: only for one trained on free wordings',
  ),
  boxPrompt: flag('Whether a given box also prompts SAM'),
  maskPrompt: flag('Whether the previous mask also prompts SAM'),
  fit: flag(
    'Whether the patch whose own mask fits what is known best answers, not the one with the highest objectness',
  ),
});

/** Options of the refiners. */
export interface RefinerOptions {
  /**
   * Which of the ten wordings of a situation the model reads, 0 to 9; when absent, the one that was said when it is one
   * of them, else the first.
   */
  readonly phrasing?: number | undefined;
  /** Whether the model reads what was said, word by word: only for one trained on free wordings; default the bundle's. */
  readonly ownWords?: boolean | undefined;
  /** Whether a given box also prompts SAM; the bundle's choice (measured on validation scenes) when absent. */
  readonly boxPrompt?: boolean | undefined;
  /**
   * Whether the previous mask also prompts SAM; the bundle's choice (measured on validation scenes) when absent. False
   * leaves the previous mask to the tower alone, as in the paper: less is gained on small faults, more may be completed
   * where a large part is missing.
   */
  readonly maskPrompt?: boolean | undefined;
  /**
   * Whether, of the patches with the highest objectness, the one whose own mask fits the previous mask or the box best
   * answers; the bundle's choice when absent. False is the paper's rule as we read it: the highest objectness.
   */
  readonly fit?: boolean | undefined;
}

/** The signals that a refiner of ROSE's kind needs: the stages of the slots that give them answer a turn with it. */
export const REFINER_NEEDS = [
  'image',
  'segments',
  'box-prompt',
  'mask-features',
  'image-states',
  'patch-scores',
  'embedding-prompt',
  'category-embedding',
  'mask-logits',
  'names',
] as const;

/** One of {@link REFINER_NEEDS}. */
export type RefinerNeeds = (typeof REFINER_NEEDS)[number];

/** A refiner made of its own tower and the stages of its recipe's other slots. */
export type RefinerFactory = StageFactory<
  'Refiner',
  z.ZodType<unknown, RefinerOptions | undefined>,
  RefinerNeeds,
  'segments'
>;

/**
 * A refiner of ROSE's kind (section 3.4) for a paradigm. It sees image and previous mask with a tower of its own; the
 * recipe's LanguageModel, PatchAnalyzer, Encoder, MaskDecoder and CategoryGenerator do the rest, whatever fills them.
 * @param paradigm - how the previous mask is shown
 * @param owner - the first part of the stage's name: your package
 * @throws MaskloomError VALUE_INVALID when the paradigm's planes and `plane` disagree, or the name is not kebab-case
 */
export function defineRefiner(paradigm: Paradigm, owner = 'refine'): RefinerFactory {
  if ((paradigm.planes === 4) !== (paradigm.plane !== undefined)) {
    throw new MaskloomError(
      'VALUE_INVALID',
      `The paradigm '${paradigm.name}' has ${paradigm.planes} planes.`,
      {
        where: `${owner}/${paradigm.name}`,
        hint: 'Give it a plane() and 4 planes, or neither.',
      },
    );
  }
  const name = `${owner}/${paradigm.name}`;
  return defineStage({
    slot: Refiner,
    name,
    summary: `ROSE refinement: ${paradigm.summary}.`,
    options,
    needs: REFINER_NEEDS,
    gives: ['segments'],
    async create({ phrasing, ...chosen }, context) {
      const preset = withChoices(readRefinePreset(context.models), chosen);
      const parts = await openTower(paradigm, name, preset, phrasing, context);
      const { session } = parts.tower;
      const width = session.outputs.find((port) => port.name === 'patch_features')?.shape.at(-1);
      return {
        ...(typeof width === 'number' ? { widths: { vision: width } } : {}),
        device: session.device,
        refine: (image, prediction, instruction, run, stages) =>
          refineOne(parts, name, image, prediction, instruction, run, stages),
      } satisfies SlotStages['Refiner'];
    },
  });
}

function withChoices(
  preset: RefinePreset,
  chosen: Pick<RefinerOptions, 'ownWords' | 'boxPrompt' | 'maskPrompt' | 'fit'>,
): RefinePreset {
  const { ownWords, boxPrompt, maskPrompt, fit } = preset;
  return {
    ...preset,
    ownWords: chosen.ownWords ?? ownWords,
    boxPrompt: chosen.boxPrompt ?? boxPrompt,
    maskPrompt: chosen.maskPrompt ?? maskPrompt,
    fit: chosen.fit ?? fit,
  };
}

async function openTower(
  paradigm: Paradigm,
  name: string,
  preset: RefinePreset,
  phrasing: number | undefined,
  { models }: BuildContext,
): Promise<TurnParts> {
  if (preset.paradigm !== paradigm.name) {
    throw new MaskloomError('BUNDLE_INVALID', `The bundle's refiner was trained for '${preset.paradigm}'.`, {
      where: 'presets.refine.paradigm',
      hint: `Use a refiner of '${preset.paradigm}' instead of ${name}, or a bundle recipe of '${paradigm.name}'.`,
    });
  }
  const session: ModelSession = await models.model('siglipTower');
  const planes = session.inputs.find((port) => port.name === 'pixel_values')?.shape[1];
  if (typeof planes === 'number' && planes !== paradigm.planes) {
    throw new MaskloomError(
      'BUNDLE_SHAPE_MISMATCH',
      `The tower reads ${planes} planes, not ${paradigm.planes}.`,
      { where: session.id, hint: `'${paradigm.name}' needs a tower that was trained for it.` },
    );
  }
  const maskSide = models
    .ports('samDecoder')
    .inputs.find((port) => port.name === 'mask_input')
    ?.shape.at(-1);
  if (typeof maskSide !== 'number')
    throw new Error('The mask decoder does not say how large its mask prompt is.');
  const tower = { session, siglip: readSiglipPreset(models), paradigm, style: preset };
  return { preset, phrasing, tower, maskSide };
}

async function refineOne(
  parts: TurnParts,
  by: string,
  image: ImageFrame,
  prediction: Prediction,
  instruction: RefineInstruction,
  run: RunContext,
  given: Partial<SlotStages> | undefined,
): Promise<Prediction> {
  throwIfAborted(run.signal, 'refinement');
  const resolved = resolveInstruction(prediction, instruction);
  const stages = turnStages(given, by);
  const made = await takeTurn(parts, stages, image, prediction, resolved, run);
  const at = resolved.situation === 'missed' ? undefined : resolved.segment;
  const segments =
    at === undefined
      ? [...prediction.segments, ...(made === undefined ? [] : [made])]
      : prediction.segments.map((segment, i) => (i === at ? (made ?? segment) : segment));
  const { situation, say } = resolved;
  const segment = at ?? segments.length - 1;
  const changed = made === undefined ? {} : { segment };
  return { ...prediction, segments, refinement: { by, situation, say, ...changed } };
}
