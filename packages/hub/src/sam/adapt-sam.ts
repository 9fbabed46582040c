import { z } from 'zod';
import type { Adapter, Given } from '../ready/adapter.js';
import { agree, filter, readConfig, side, statistics } from '../ready/read-config.js';
import { editSamDecoder, SAM_FORM, type SamShape } from './edit-decoder.js';
import { PROMPT_WEIGHT_NAMES, promptWeights } from './prompt-weights.js';

const configSchema = z.object({
  vision_config: z
    .object({
      image_size: z.int().positive().default(1024),
      patch_size: z.int().positive().default(16),
      output_channels: z.int().positive().default(256),
    })
    .prefault({}),
});

const preprocessorSchema = statistics.extend({ size: side, resample: filter.default('bilinear') });

/** SAM and its pruned forms (SlimSAM): vision encoder, and prompt encoder with mask decoder. */
export const samAdapter: Adapter = {
  modelTypes: ['sam'],
  graphs: [['vision_encoder', 'prompt_encoder_mask_decoder']],
  adapt: adaptSam,
};

async function adaptSam({
  files,
  config,
  preprocessor,
  graphs,
  builder,
  weights,
  warn,
}: Given): Promise<void> {
  const { vision_config: vision } = readConfig(config, configSchema, `${files.id}: config.json`);
  const pixels = readConfig(preprocessor, preprocessorSchema, `${files.id}: preprocessor_config.json`);
  const [encoder, decoder] = ['vision_encoder', 'prompt_encoder_mask_decoder'].map((stem) =>
    graphs.get(stem),
  );
  if (encoder === undefined || decoder === undefined) return;
  const shape: SamShape = {
    imageSize: pixels.size,
    cells: Math.floor(vision.image_size / vision.patch_size),
    width: vision.output_channels,
  };
  agree('an input side of', pixels.size, vision.image_size, `${files.id}: config.json`);
  const encoderFile = await files.graph(encoder);
  const input = encoderFile.inputs.find(({ name }) => name === 'pixel_values');
  agree('an input side of', shape.imageSize, input?.shape.at(-1), `${files.id}: ${encoder.file.path}`);
  const decoderFile = await files.graph(decoder);
  const features = decoderFile.inputs.find(({ name }) => name === 'image_embeddings');
  agree('features of width', shape.width, features?.shape[1], `${files.id}: ${decoder.file.path}`);
  agree('cells along a side of', shape.cells, features?.shape[2], `${files.id}: ${decoder.file.path}`);

  const known = promptWeights(await weights(PROMPT_WEIGHT_NAMES));
  const prompts = ['point', 'embedding', ...(known.corners ? ['box'] : []), ...(known.mask ? ['mask'] : [])];
  if (known.corners === undefined || known.mask === undefined) {
    warn(
      `${files.id}: its graphs leave out SAM's weights for boxes and previous masks, and no original was found that has ` +
        `them: it takes points and embeddings. Name the original (weightsFrom: 'facebook/sam-vit-base').`,
    );
  }
  const samEncoder = await builder.use(encoder, encoderFile, ['image_embeddings']);
  const samDecoder = await builder.make(decoder, 'mask_decoder', [shape, digest(known)], (graph) =>
    editSamDecoder(graph, SAM_FORM, shape, known),
  );
  const unit = (values: readonly number[]): number[] => values.map((value) => value * 255);
  builder.preset('sam', {
    imageSize: shape.imageSize,
    maskSize: 4 * shape.cells,
    embedDim: shape.width,
    mean: unit(pixels.image_mean),
    std: unit(pixels.image_std),
    resample: pixels.resample,
    prompts,
  });
  for (const recipe of ['sam/prompted', 'sam/everything']) builder.recipe(recipe, { samEncoder, samDecoder });
}

/** Weights as part of what a made graph is known by: they are small. */
export function digest(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) => (part instanceof Float32Array ? [...part] : part)),
  );
}
