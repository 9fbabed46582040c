import { z } from 'zod';
import {
  defineStage,
  MaskloomError,
  Refiner,
  resolveInstruction,
  throwIfAborted,
  type BuildContext,
  type ImageFrame,
  type Prediction,
  type RefineInstruction,
  type RunContext,
  type SlotStages,
  type StageFactory,
} from '@maskloom/core';
import { readSiglipPreset } from '@maskloom/clip';
import { oneVisionLanguageModel, openEmbeddingDecoder } from '@maskloom/llava';
import { samEncoder, samMaskDecoder } from '@maskloom/sam';
import { readRefinePreset, type Paradigm } from './preset.js';
import { takeTurn, type TurnParts } from './turn/turn.js';

const options = z.object({
  phrasing: z
    .number()
    .int()
    .min(0)
    .max(9)
    .default(0)
    .describe('Which of the ten wordings of a situation the model reads.'),
  boxPrompt: z
    .boolean()
    .optional()
    .describe("Whether a given box also prompts SAM; the bundle's choice when absent."),
  maskPrompt: z
    .boolean()
    .optional()
    .describe("Whether the previous mask also prompts SAM; the bundle's choice when absent."),
  fit: z
    .boolean()
    .optional()
    .describe(
      "Whether the patch whose own mask fits what is known best answers, not the one with the highest objectness; the bundle's choice when absent.",
    ),
});

/** Options of the refiners. */
export interface RefinerOptions {
  /** Which of the ten wordings of a situation the model reads, 0 to 9; default 0. */
  readonly phrasing?: number | undefined;
  /** Whether a given box also prompts SAM; the bundle's choice (measured on validation scenes) when absent. */
  readonly boxPrompt?: boolean | undefined;
  /** Whether the previous mask also prompts SAM; the bundle's choice (measured on validation scenes) when absent. */
  readonly maskPrompt?: boolean | undefined;
  /**
   * Whether, of the patches with the highest objectness, the one whose own mask fits the previous mask or the box best
   * answers; the bundle's choice when absent. False is the paper's rule as we read it: the highest objectness.
   */
  readonly fit?: boolean | undefined;
}

/** A refiner that reads an image, a prediction's segments and a box, and gives segments. */
export type RefinerFactory = StageFactory<
  'Refiner',
  z.ZodType<unknown, RefinerOptions | undefined>,
  'image' | 'segments' | 'box-prompt',
  'segments'
>;

/**
 * ROSE's refinement (section 3.4): the previous mask is a fourth plane of the image, zeros when there is none. Works on
 * any system's prediction.
 */
export const concatRefiner: RefinerFactory = refiner(
  'concat',
  'ROSE refinement: the previous mask as a fourth plane of the image.',
);

/** The first alternative of ROSE's Table 6: the previous mask drawn on the image. */
export const drawnRefiner: RefinerFactory = refiner(
  'drawn',
  'ROSE refinement, Table 6: the previous mask drawn on the image.',
);

/** The second alternative of ROSE's Table 6: the previous mask and its box drawn on the image. */
export const drawnBoxRefiner: RefinerFactory = refiner(
  'drawn-box',
  'ROSE refinement, Table 6: the previous mask and a box drawn on the image.',
);

function refiner(paradigm: Paradigm, summary: string): RefinerFactory {
  const name = `refine/${paradigm}`;
  return defineStage({
    slot: Refiner,
    name,
    summary,
    options,
    needs: ['image', 'segments', 'box-prompt'],
    gives: ['segments'],
    async create({ phrasing, boxPrompt, maskPrompt, fit }, context) {
      const preset = readRefinePreset(context.models);
      if (preset.paradigm !== paradigm) {
        throw new MaskloomError(
          'BUNDLE_INVALID',
          `The bundle's refiner was trained for '${preset.paradigm}'.`,
          {
            where: 'presets.refine.paradigm',
            hint: `Use refine/${preset.paradigm}, or a bundle recipe of '${paradigm}'.`,
          },
        );
      }
      const parts = await openParts(
        context,
        {
          ...preset,
          boxPrompt: boxPrompt ?? preset.boxPrompt,
          maskPrompt: maskPrompt ?? preset.maskPrompt,
          fit: fit ?? preset.fit,
        },
        phrasing,
      );
      return {
        widths: { hidden: parts.names.hidden },
        ...(parts.language.device === undefined ? {} : { device: parts.language.device }),
        refine: (image, prediction, instruction, run) =>
          refineOne(parts, name, image, prediction, instruction, run),
        dispose: async () => {
          for (const stage of [parts.decoder, parts.language, parts.encoder]) await stage.dispose?.();
        },
      } satisfies SlotStages['Refiner'];
    },
  });
}

async function openParts(
  context: BuildContext,
  preset: TurnParts['preset'],
  phrasing: number,
): Promise<TurnParts> {
  const { models } = context;
  const [session, analyzer, encoder, decoder, language, names] = await Promise.all([
    models.model('siglipTower'),
    models.model('patchAnalyzer'),
    samEncoder().create(context),
    samMaskDecoder().create(context),
    oneVisionLanguageModel().create(context),
    openEmbeddingDecoder(models, { batch: preset.asked }),
  ]);
  const planes = session.inputs.find((port) => port.name === 'pixel_values')?.shape[1];
  const wanted = preset.paradigm === 'concat' ? 4 : 3;
  if (typeof planes === 'number' && planes !== wanted) {
    throw new MaskloomError('BUNDLE_SHAPE_MISMATCH', `The tower reads ${planes} planes, not ${wanted}.`, {
      where: session.id,
      hint: `'${preset.paradigm}' needs a tower that was trained for it.`,
    });
  }
  const maskSide = models
    .ports('samDecoder')
    .inputs.find((port) => port.name === 'mask_input')
    ?.shape.at(-1);
  if (typeof maskSide !== 'number')
    throw new Error('The mask decoder does not say how large its mask prompt is.');
  const tower = { session, siglip: readSiglipPreset(models), refine: preset };
  return { preset, phrasing, tower, analyzer, encoder, decoder, language, names, maskSide };
}

async function refineOne(
  parts: TurnParts,
  by: string,
  image: ImageFrame,
  prediction: Prediction,
  instruction: RefineInstruction,
  run: RunContext,
): Promise<Prediction> {
  throwIfAborted(run.signal, 'refinement');
  const resolved = resolveInstruction(prediction, instruction);
  const made = await takeTurn(parts, image, prediction, resolved, run);
  const at = resolved.situation === 'missed' ? undefined : resolved.segment;
  const segments =
    at === undefined
      ? [...prediction.segments, made]
      : prediction.segments.map((segment, i) => (i === at ? made : segment));
  const { situation, say } = resolved;
  const segment = at ?? segments.length - 1;
  return { ...prediction, segments, refinement: { by, situation, say, segment } };
}
