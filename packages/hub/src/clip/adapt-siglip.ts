import { z } from 'zod';
import { MaskloomError } from '@maskloom/core';
import type { Adapter, Given } from '../ready/adapter.js';
import { marksOf } from '../ready/marks.js';
import { agree, filter, readConfig, side, statistics } from '../ready/read-config.js';
import { editSiglipVision } from './edit-siglip.js';

const configSchema = z.object({
  vision_config: z
    .object({
      image_size: z.int().positive().default(224),
      patch_size: z.int().positive().default(16),
      hidden_size: z.int().positive().default(768),
      num_attention_heads: z.int().positive().default(12),
    })
    .prefault({}),
  text_config: z.object({ max_position_embeddings: z.int().positive().default(64) }).prefault({}),
});

const preprocessorSchema = statistics.extend({ size: side, resample: filter.default('bicubic') });

/** SigLIP, and SigLIP 2 of fixed resolution (whose model_type is the same). Their graphs give the tokens; text-aligned ones are added. */
export const siglipAdapter: Adapter = {
  modelTypes: ['siglip'],
  graphs: [['vision_model', 'text_model']],
  adapt: adaptSiglip,
};

async function adaptSiglip({ files, config, preprocessor, graphs, builder, warn }: Given): Promise<void> {
  const read = readConfig(config, configSchema, `${files.id}: config.json`);
  const pixels = readConfig(preprocessor, preprocessorSchema, `${files.id}: preprocessor_config.json`);
  const {
    image_size: imageSize,
    patch_size: patchSize,
    hidden_size: width,
    num_attention_heads: heads,
  } = read.vision_config;
  agree('an input side of', pixels.size, imageSize, `${files.id}: config.json`);
  const [vision, text] = ['vision_model', 'text_model'].map((stem) => graphs.get(stem));
  if (vision === undefined || text === undefined) return;
  const visionFile = await files.graph(vision);
  // Every graph that is looked at is one that gives these; an export that cannot be edited does without text-aligned tokens.
  const asItIs = (): Promise<string> =>
    builder.use(vision, visionFile, ['last_hidden_state', 'pooler_output'], {
      names: { patch_features: 'last_hidden_state', image_embed: 'pooler_output' },
    });
  const shape = { tokens: Math.floor(imageSize / patchSize) ** 2, width, heads };
  const siglipTower = await builder
    .make(vision, 'vision', shape, (file) => editSiglipVision(file, shape))
    .catch((error: unknown) => {
      if (!MaskloomError.is(error) || error.code !== 'MODEL_UNSUPPORTED') throw error;
      warn(`${files.id}: no text-aligned tokens (${error.message}): masks are named by crops.`);
      return asItIs();
    });
  const siglipText = await builder.use(text, await files.graph(text), ['pooler_output'], {
    names: { text_embed: 'pooler_output' },
    accepts: ['attention_mask'],
  });
  // SigLIP reads its last place, so rows are filled up to the length that it was trained with. SigLIP 2 has Gemma's marks.
  const marks = await marksOf(files, { eos: '</s>', pad: '</s>' });
  builder.preset('siglip', {
    imageSize,
    patchSize,
    mean: pixels.image_mean,
    std: pixels.image_std,
    resample: pixels.resample,
    crop: 'stretch',
    text: {
      maxTokens: read.text_config.max_position_embeddings,
      ...marks,
      prefix: '',
      trimEnd: false,
      fill: true,
    },
  });
  if (files.listed('tokenizer.json') !== undefined) await builder.tokenizer();
  builder.recipe('siglip/towers', { siglipTower, siglipText });
}
