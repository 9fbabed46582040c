import { z } from 'zod';
import {
  CategoryGenerator,
  defineStage,
  MaskloomError,
  parseLabels,
  type CategoryQuery,
  type ClassLabel,
  type ImageFrame,
  type MaskSet,
  type NamedCategory,
  type RunContext,
  type StageFactory,
  type TextEmbeddings,
} from '@maskloom/core';
import { cropOfMask } from './crop-masks.js';
import { poolTokens } from './pool-tokens.js';
import { bestClasses, unitRows } from './score-names.js';
import { cutSquare, squaresOf } from './square-views.js';
import { openTowers, TOWERS, type Towers } from './towers.js';

const options = z.object({
  towers: z
    .string()
    .optional()
    .describe(`Recipe of the bundles with the towers; the first of ${TOWERS.join(', ')}.`),
  by: z
    .enum(['tokens', 'crops'])
    .default('tokens')
    .describe("What a mask is compared by: the image's tokens inside it, or a picture of it alone."),
  margin: z
    .number()
    .min(0)
    .max(4)
    .default(0.1)
    .describe("Crops: border around a mask's box, as a share of its longer side."),
  surroundings: z
    .enum(['shown', 'hidden'])
    .default('shown')
    .describe('Crops: whether what is not of the mask is shown, or hidden behind a plain colour.'),
  templates: z
    .array(z.string().includes('{}'))
    .min(1)
    .default(['a photo of a {}.'])
    .describe("Sentences that a class's vector is the mean of; '{}' becomes the name."),
  temperature: z.number().positive().default(0.01).describe('Scores are a softmax of cosine / temperature.'),
  noneBelow: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('A mask whose best score is below this is none of the candidates; 0 names every mask.'),
});

/** Options of {@link maskNames}. */
export interface MaskNamesOptions {
  /** `system/name` of the bundles' recipe with the towers; the first of `clip/towers`, `siglip/towers` and `lmseg/full` that there is. */
  readonly towers?: string | undefined;
  /** What a mask is compared by: the image's tokens inside it (default), or a picture of it alone. */
  readonly by?: 'tokens' | 'crops' | undefined;
  /** Crops: border around a mask's box, as a share of its longer side, 0..4; default 0.1. */
  readonly margin?: number | undefined;
  /** Crops: whether what is not of the mask is shown (default), or hidden behind the tower's mean colour. */
  readonly surroundings?: 'shown' | 'hidden' | undefined;
  /** Sentences that a class's vector is the mean of; `{}` becomes the name; default `a photo of a {}.`. */
  readonly templates?: readonly string[] | undefined;
  /** Scores are a softmax of cosine / temperature over the candidates; default 0.01, CLIP's own. */
  readonly temperature?: number | undefined;
  /** A mask whose best score is below this is none of the candidates; default 0, which names every mask. */
  readonly noneBelow?: number | undefined;
}

/**
 * Names masks of any system from a list of candidates (`cat|kitten` is one with a synonym) by CLIP or SigLIP, without
 * training. By `tokens` the picture is seen in squares of its shorter side, and a mask is the mean of the text-aligned tokens
 * (MaskCLIP, section 3.2) under its pixels: one pass a square, whatever the number of masks. By `crops` each mask is a picture of
 * its own, square around its box: one pass a mask, and better for small things. The models may come from another bundle
 * than the masks'.
 */
export const maskNames: StageFactory<
  'CategoryGenerator',
  z.ZodType<unknown, MaskNamesOptions | undefined>,
  'candidates',
  'names'
> = defineStage({
  slot: CategoryGenerator,
  name: 'clip/mask-names',
  summary: 'Names masks by CLIP or SigLIP: tokens inside them, or crops, against the candidates.',
  options,
  needs: ['candidates'],
  gives: ['names'],
  async create(chosen, context) {
    const towers = await openTowers(chosen.towers, context);
    return {
      device: towers.device,
      name: (query: CategoryQuery, run: RunContext) => name(query, towers, chosen, run),
    };
  },
});

async function name(
  query: CategoryQuery,
  towers: Towers,
  { templates, temperature, noneBelow, ...how }: z.output<typeof options>,
  run: RunContext,
): Promise<readonly NamedCategory[]> {
  const { classes, warnings } = parseLabels(query.candidates, 'clip/mask-names');
  warnings.forEach((warning) => run.warn(warning));
  const vectors = await vectorsOf(query, towers, how, run);
  if (vectors.length === 0) return [];
  const text = await towers.text.embed(sentencesOf(classes, templates), run);
  checkWidth(vectors, query, text);
  return bestClasses(vectors, text, temperature).map(({ index, score }) => ({
    name: classes[index]?.label ?? '',
    score,
    ...(score < noneBelow ? { none: true } : {}),
  }));
}

type How = Pick<z.output<typeof options>, 'by' | 'margin' | 'surroundings'>;

/** One unit vector per mask, or the embeddings that came instead. */
async function vectorsOf(
  { masks, image, textEmbeddings }: CategoryQuery,
  towers: Towers,
  how: How,
  run: RunContext,
): Promise<Float32Array> {
  if (masks !== undefined && image !== undefined) {
    if (masks.masks.length === 0) return new Float32Array(0);
    return how.by === 'tokens'
      ? byTokens(masks, image, towers, run)
      : byCrops(masks, image, towers, how, run);
  }
  if (textEmbeddings !== undefined) return textEmbeddings.read();
  throw new MaskloomError('VALUE_INVALID', 'There are no masks to name.', {
    where: 'clip/mask-names',
    hint: 'Give masks and the image that they lie in.',
  });
}

async function byTokens(
  masks: MaskSet,
  image: ImageFrame,
  towers: Towers,
  run: RunContext,
): Promise<Float32Array> {
  const squares = squaresOf(image);
  const pictures = squares.map((square) => cutSquare(image, square, towers.mean));
  const { values, width } = await towers.see(pictures, 'dense', run);
  const seen = squares.map((square, i) => ({
    square,
    tokens: unitRows(values[i]!, width),
    cells: Math.round(Math.sqrt(values[i]!.length / width)),
  }));
  return poolTokens(masks, seen, width);
}

async function byCrops(
  { masks }: MaskSet,
  image: ImageFrame,
  towers: Towers,
  { margin, surroundings }: How,
  run: RunContext,
): Promise<Float32Array> {
  const form = { margin, alone: surroundings === 'hidden', fill: towers.mean };
  const vectors: Float32Array[] = [];
  let length = 0;
  // A few crops at a time: those of a large picture are large.
  for (let at = 0; at < masks.length; at += CROPS) {
    const crops = masks.slice(at, at + CROPS).map((mask) => cropOfMask(image, mask, form));
    const { values, width } = await towers.see(crops, 'image_embed', run);
    vectors.push(...values.map((value) => unitRows(value, width)));
    length = width;
    run.progress(Math.min(1, (at + CROPS) / masks.length), 'masks');
  }
  const all = new Float32Array(vectors.length * length);
  vectors.forEach((vector, n) => all.set(vector, n * length));
  return all;
}

/** Crops that are held at once. */
const CROPS = 4;

function sentencesOf(
  classes: readonly ClassLabel[],
  templates: readonly string[],
): readonly (readonly string[])[] {
  return classes.map(({ names }) =>
    names.flatMap((one) => templates.map((template) => template.replaceAll('{}', one))),
  );
}

function checkWidth(
  vectors: Float32Array,
  { masks, textEmbeddings }: CategoryQuery,
  text: TextEmbeddings,
): void {
  const count = masks?.masks.length ?? textEmbeddings?.dims[0] ?? 1;
  if (vectors.length === count * text.width) return;
  throw new MaskloomError(
    'STAGE_MISMATCH',
    `Vectors of width ${vectors.length / count} cannot be compared with texts of width ${text.width}.`,
    { where: 'clip/mask-names', hint: 'Take towers that were made for each other.' },
  );
}
