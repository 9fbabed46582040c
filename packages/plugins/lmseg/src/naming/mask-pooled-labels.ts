import { z } from 'zod';
import {
  CategoryGenerator,
  defineStage,
  MaskloomError,
  parseLabels,
  type BuildContext,
  type CategoryQuery,
  type NamedCategory,
  type RunContext,
  type StageFactory,
  type StageSpec,
} from '@maskloom/core';
import { clipDense, clipText } from '@maskloom/clip';
import { samEncoder } from '@maskloom/sam';
import { fusion } from '../fusion/fusion.js';
import { allAttributes } from '../prompts/described.js';
import { describeClasses } from '../recipes/describe-classes.js';
import { encodeViews } from '../recipes/encode-views.js';
import { denseViews } from '../views/views.js';
import { nearest } from './nearest.js';
import { poolFeatures } from './pool-features.js';

/** A stage that writes descriptions. */
type Writer = StageSpec<'PromptWriter', 'candidates', 'descriptions'>;

const options = z.object({
  recipe: z
    .string()
    .default('lmseg/full')
    .describe("Recipe of the bundle whose towers, fusion and texts are used, whatever the pipeline's own."),
  mode: z.enum(['sliding', 'whole']).default('sliding').describe('Views that features are pooled over.'),
  writer: z
    .custom<Writer>((value) => (value as Writer)?.slot === 'PromptWriter')
    .optional()
    .describe('Stage that describes the candidates; every attribute when absent.'),
  temperature: z
    .number()
    .positive()
    .default(0.05)
    .describe('Scores are a softmax of cosine / temperature over the candidates.'),
});

/** Options of {@link maskPooledLabels}. */
export interface MaskPooledLabelsOptions {
  /** Recipe of the bundle whose towers, fusion and texts are used; default `lmseg/full`. */
  readonly recipe?: string | undefined;
  /** Views that features are pooled over; default `sliding`. */
  readonly mode?: 'sliding' | 'whole' | undefined;
  /** Stage that describes the candidates; every attribute when absent. */
  readonly writer?: Writer | undefined;
  /** Scores are a softmax of cosine / temperature over the candidates; default 0.05. */
  readonly temperature?: number | undefined;
}

/**
 * LMSeg's labels for masks of any system: the fused CLIP and SAM features inside each mask, averaged, against the
 * candidates' descriptions. It brings LMSeg's models into a foreign recipe of the same bundle. The query must have
 * candidates, the image, and masks; without masks the text-space embeddings are compared instead.
 */
export const maskPooledLabels: StageFactory<
  'CategoryGenerator',
  z.ZodType<unknown, MaskPooledLabelsOptions | undefined>,
  'candidates',
  'names'
> = defineStage({
  slot: CategoryGenerator,
  name: 'lmseg/mask-pooled-labels',
  summary: "Names masks by LMSeg's features inside them and descriptions of the candidates.",
  options,
  needs: ['candidates'],
  gives: ['names'],
  create: async ({ recipe, mode, writer, temperature }, context) => {
    const stages = await open(recipe, mode, writer ?? allAttributes(), context);
    return {
      ...(stages.VisionEncoder.device === undefined ? {} : { device: stages.VisionEncoder.device }),
      name: async (query: CategoryQuery, run: RunContext): Promise<readonly NamedCategory[]> => {
        const { classes, warnings } = parseLabels(query.candidates, 'lmseg/mask-pooled-labels');
        for (const warning of warnings) run.warn(warning);
        const pooled = await pool(query, stages, run);
        if (pooled.values.length === 0) return [];
        const texts = await stages.TextEmbedder.embed(
          await describeClasses(stages.PromptWriter, classes, run),
          run,
        );
        return nearest(pooled, texts, temperature).map(({ index, score }) => ({
          name: classes[index]?.label ?? '',
          score,
        }));
      },
    };
  },
});

async function open(recipe: string, mode: 'sliding' | 'whole', writer: Writer, context: BuildContext) {
  const within: BuildContext = { ...context, models: await context.models.recipe(recipe) };
  return {
    Tiler: await denseViews({ mode }).create(within),
    VisionEncoder: await clipDense().create(within),
    Encoder: await samEncoder().create(within),
    FeatureFuser: await fusion().create(within),
    PromptWriter: await writer.create(within),
    TextEmbedder: await clipText().create(within),
  };
}

/** One unit vector per mask, or the embeddings that came instead. */
async function pool(
  { masks, image, textEmbeddings }: CategoryQuery,
  stages: Awaited<ReturnType<typeof open>>,
  run: RunContext,
): Promise<{ readonly values: Float32Array; readonly width: number }> {
  if (masks !== undefined && image !== undefined) {
    if (masks.masks.length === 0) return { values: new Float32Array(0), width: 0 };
    const plan = await stages.Tiler.plan(image, run);
    return poolFeatures(masks, plan, await encodeViews(stages, plan, run));
  }
  if (textEmbeddings !== undefined)
    return { values: await textEmbeddings.read(), width: textEmbeddings.dims[1] ?? 0 };
  throw new MaskloomError('VALUE_INVALID', 'There are no masks to name.', {
    where: 'lmseg/mask-pooled-labels',
    hint: 'Use withMaskLabels(recipe), which asks for names when the masks are there.',
  });
}
