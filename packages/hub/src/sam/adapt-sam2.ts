import { z } from 'zod';
import type { Adapter, Given } from '../ready/adapter.js';
import { agree, filter, readConfig, side, statistics } from '../ready/read-config.js';
import { digest } from './adapt-sam.js';
import { editSamDecoder, SAM2_FORM, type SamShape } from './edit-decoder.js';
import { PROMPT_WEIGHT_NAMES, promptWeights } from './prompt-weights.js';

const configSchema = z.object({
  prompt_encoder_config: z
    .object({
      image_size: z.int().positive().default(1024),
      patch_size: z.int().positive().default(16),
      hidden_size: z.int().positive().default(256),
    })
    .prefault({}),
});

const preprocessorSchema = statistics.extend({ size: side, resample: filter.default('bilinear') });

/** SAM 2, SAM 2.1 and SAM 3's tracker on single images: features on three levels; the image is stretched, not padded. */
export const sam2Adapter: Adapter = {
  modelTypes: ['sam2', 'sam2_video', 'sam3_tracker', 'sam3_tracker_video'],
  graphs: [['vision_encoder', 'prompt_encoder_mask_decoder']],
  adapt: adaptSam2,
};

async function adaptSam2({
  files,
  config,
  preprocessor,
  graphs,
  builder,
  weights,
  warn,
}: Given): Promise<void> {
  const { prompt_encoder_config: prompts } = readConfig(config, configSchema, `${files.id}: config.json`);
  const pixels = readConfig(preprocessor, preprocessorSchema, `${files.id}: preprocessor_config.json`);
  const [encoder, decoder] = ['vision_encoder', 'prompt_encoder_mask_decoder'].map((stem) =>
    graphs.get(stem),
  );
  if (encoder === undefined || decoder === undefined) return;
  const shape: SamShape = {
    imageSize: pixels.size,
    cells: Math.floor(prompts.image_size / prompts.patch_size),
    width: prompts.hidden_size,
  };
  agree('an input side of', pixels.size, prompts.image_size, `${files.id}: config.json`);
  const decoderFile = await files.graph(decoder);
  const features = decoderFile.inputs.find(({ name }) => name === SAM2_FORM.ports.image);
  agree('features of width', shape.width, features?.shape[1], `${files.id}: ${decoder.file.path}`);
  agree('cells along a side of', shape.cells, features?.shape[2], `${files.id}: ${decoder.file.path}`);
  const known = promptWeights(await weights(PROMPT_WEIGHT_NAMES));
  if (known.mask === undefined)
    warn(
      `${files.id}: its graphs leave out the weights for previous masks, and no original was found (weightsFrom).`,
    );
  const levels = [...SAM2_FORM.finer, SAM2_FORM.ports.image];
  const samEncoder = await builder.use(encoder, await files.graph(encoder), levels, {
    names: {
      image_embeddings: SAM2_FORM.ports.image,
      ...Object.fromEntries(SAM2_FORM.finer.map((name, i) => [`high_res_${i}`, name])),
    },
  });
  const samDecoder = await builder.make(decoder, 'mask_decoder', [shape, digest(known)], (graph) =>
    editSamDecoder(graph, SAM2_FORM, shape, known),
  );
  const unit = (values: readonly number[]): number[] => values.map((value) => value * 255);
  builder.preset('sam', {
    imageSize: shape.imageSize,
    maskSize: 4 * shape.cells,
    embedDim: shape.width,
    mean: unit(pixels.image_mean),
    std: unit(pixels.image_std),
    resample: pixels.resample,
    fit: 'stretch',
    prompts: ['point', 'box', 'embedding', ...(known.mask ? ['mask'] : [])],
    padAfterBox: true,
  });
  for (const recipe of ['sam/prompted', 'sam/everything']) builder.recipe(recipe, { samEncoder, samDecoder });
}
