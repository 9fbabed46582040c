import type { Given } from '../ready/adapter.js';
import { agree, filter, readConfig, side, statistics } from '../ready/read-config.js';
import { editSamDecoder, type DecoderForm, type SamShape } from './edit-decoder.js';
import { PROMPT_WEIGHT_NAMES, promptWeights, type PromptWeights } from './prompt-weights.js';

/** The graphs that a ready-made SAM of any generation has. */
export const SAM_GRAPHS = ['vision_encoder', 'prompt_encoder_mask_decoder'] as const;

const preprocessorSchema = statistics.extend({ size: side, resample: filter.default('bilinear') });

/** What `config.json` says of a SAM's sizes. */
export interface StatedSizes {
  /** Pixels a side of the input. */
  readonly image: number;
  /** Pixels a side of a patch. */
  readonly patch: number;
  /** Channels of the features. */
  readonly width: number;
}

type Graphs = NonNullable<Awaited<ReturnType<typeof samGraphs>>>;

/**
 * The graphs of a ready-made SAM, with what is known about them: configuration, preprocessor and graphs say the same.
 * @returns undefined where a graph was not fetched
 * @throws MaskloomError MODEL_UNSUPPORTED
 */
export async function samGraphs(
  { files, preprocessor, graphs, weights }: Given,
  stated: StatedSizes,
  form: DecoderForm,
) {
  const pixels = readConfig(preprocessor, preprocessorSchema, `${files.id}: preprocessor_config.json`);
  const [encoder, decoder] = SAM_GRAPHS.map((stem) => graphs.get(stem));
  if (encoder === undefined || decoder === undefined) return undefined;
  const shape: SamShape = {
    imageSize: pixels.size,
    cells: Math.floor(stated.image / stated.patch),
    width: stated.width,
  };
  agree('an input side of', pixels.size, stated.image, `${files.id}: config.json`);
  const encoderFile = await files.graph(encoder);
  const decoderFile = await files.graph(decoder);
  const features = decoderFile.inputs.find(({ name }) => name === form.ports.image);
  agree('features of width', shape.width, features?.shape[1], `${files.id}: ${decoder.file.path}`);
  agree('cells along a side of', shape.cells, features?.shape[2], `${files.id}: ${decoder.file.path}`);
  const known = promptWeights(await weights(PROMPT_WEIGHT_NAMES));
  return { pixels, encoder, encoderFile, decoder, form, shape, known };
}

/**
 * Gives the bundle SAM's recipes: the encoder as it was taken, the decoder made from the ready-made one.
 * @param more - what the preset `sam` says beside sizes and pixels
 */
export async function giveSam(
  { builder }: Given,
  { pixels, decoder, form, shape, known }: Graphs,
  samEncoder: string,
  more: Readonly<Record<string, unknown>>,
): Promise<void> {
  const samDecoder = await builder.make(decoder, 'mask_decoder', [shape, digest(known)], (graph) =>
    editSamDecoder(graph, form, shape, known),
  );
  const unit = (values: readonly number[]): number[] => values.map((value) => value * 255);
  builder.preset('sam', {
    imageSize: shape.imageSize,
    maskSize: 4 * shape.cells,
    embedDim: shape.width,
    mean: unit(pixels.image_mean),
    std: unit(pixels.image_std),
    resample: pixels.resample,
    ...more,
  });
  for (const recipe of ['sam/prompted', 'sam/everything']) builder.recipe(recipe, { samEncoder, samDecoder });
}

/** Weights as part of what a made graph is known by: they are small. */
function digest(weights: PromptWeights): unknown {
  return JSON.parse(
    JSON.stringify(weights, (_, part: unknown) => (part instanceof Float32Array ? [...part] : part)),
  );
}
