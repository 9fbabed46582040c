import { z } from 'zod';
import {
  defineStage,
  hostTensor,
  MaskloomError,
  PatchAnalyzer,
  throwIfAborted,
  type FeatureMap,
  type ModelSession,
  type PatchProposals,
  type RunContext,
  type StageFactory,
  type Tensor,
} from '@maskloom/core';
import { readRosePreset } from '../preset.js';
import { patchRoles } from './roles.js';

const options = z.object({
  topN: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe("Most proposals, the highest objectness first; the bundle's when absent (the paper has 100)."),
  minObjectness: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("Objectness below which a patch proposes nothing; the bundle's when absent."),
});

/** Options of {@link patchAnalyzer}. */
export interface PatchAnalyzerOptions {
  /** Most proposals, the highest objectness first; the bundle's when absent (the paper has 100). */
  readonly topN?: number | undefined;
  /** Objectness 0..1 below which a patch proposes nothing; the bundle's when absent. */
  readonly minObjectness?: number | undefined;
}

/**
 * ROSE's heads over the language model's states of all image patches (section 3.2, eq. 2), in one call: objectness,
 * mask embedding, category embedding, and an embedding in SigLIP's text space. Super-patches (none, 2x2, 3x3) have the
 * same interface: roles only say what a patch was trained for.
 */
export const patchAnalyzer: StageFactory<
  'PatchAnalyzer',
  z.ZodType<unknown, PatchAnalyzerOptions | undefined>,
  'image-states',
  'patch-scores' | 'embedding-prompt' | 'category-embedding'
> = defineStage({
  slot: PatchAnalyzer,
  name: 'rose/patch-analyzer',
  summary: 'ROSE: objectness, mask embedding, category embedding and text-space embedding of every patch.',
  options,
  needs: ['image-states'],
  gives: ['patch-scores', 'embedding-prompt', 'category-embedding'],
  async create({ topN, minObjectness }, { models }) {
    const preset = readRosePreset(models);
    const session = await models.model('patchAnalyzer');
    const hidden = session.inputs[0]?.shape.at(-1);
    const widthOf = (name: string) => session.outputs.find((port) => port.name === name)?.shape.at(-1);
    const [embedding, text] = [widthOf('mask_embeddings'), widthOf('text_embeddings')];
    return {
      widths: {
        ...(typeof hidden === 'number' ? { hidden } : {}),
        ...(typeof embedding === 'number' ? { embedding } : {}),
        ...(typeof text === 'number' ? { text } : {}),
      },
      device: session.device,
      async analyze(states: FeatureMap, run: RunContext): Promise<PatchProposals> {
        const { rows, columns } = states;
        const heads = await runHeads(session, states, run);
        const roles = patchRoles(preset.superPatch, rows, columns);
        return {
          rows,
          columns,
          ...heads,
          ...(roles === undefined ? {} : { roles }),
          limit: topN ?? preset.topN,
          threshold: minObjectness ?? preset.minObjectness,
        };
      },
    };
  },
});

type Heads = Pick<PatchProposals, 'objectness' | 'maskEmbeddings' | 'categoryEmbeddings' | 'textEmbeddings'>;

async function runHeads(session: ModelSession, states: FeatureMap, run: RunContext): Promise<Heads> {
  const { rows, columns, width, layout } = states;
  if (layout !== 'tokens')
    throw new MaskloomError('VALUE_INVALID', `The states of the patches are a ${layout}, not tokens.`, {
      where: 'rose/patch-analyzer',
      hint: "Give it the image states of a language model's session.",
    });
  throwIfAborted(run.signal, 'patch analyzer');
  // The graph takes rows of states; the session holds them with an axis for the image.
  const rowsOfStates = hostTensor('float32', [rows * columns, width], await states.tensor.read());
  const given = await session.run({ states: rowsOfStates }, { scope: run.scope, signal: run.signal });
  const need = (name: string): Tensor => {
    const tensor = given[name];
    if (tensor === undefined) throw new Error(`Model ${session.id} gave no output '${name}'.`);
    return tensor;
  };
  const logits = await need('objectness').read();
  return {
    objectness: logits.map((logit) => 1 / (1 + Math.exp(-logit))),
    maskEmbeddings: need('mask_embeddings'),
    categoryEmbeddings: need('category_embeddings'),
    ...(given['text_embeddings'] === undefined ? {} : { textEmbeddings: given['text_embeddings'] }),
  };
}
