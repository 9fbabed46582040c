import { z } from 'zod';
import { MaskloomError } from '@maskloom/core';
import type { Adapter, Given } from '../ready/adapter.js';
import { marksOf } from '../ready/marks.js';
import type { ReadyGraph } from '../ready/dtypes.js';
import { agree, filter, readConfig, side, statistics } from '../ready/read-config.js';
import { editLanguageModel, editTokenEmbedding, passOn } from './edit-language.js';

const textSchema = z.object({
  hidden_size: z.int().positive(),
  vocab_size: z.int().positive(),
  max_position_embeddings: z.int().positive().default(32_768),
});

const oneVisionSchema = z.object({
  text_config: textSchema,
  vision_config: z.object({
    image_size: z.int().positive().default(384),
    patch_size: z.int().positive().default(14),
  }),
});

const preprocessorSchema = statistics.extend({ size: side, resample: filter.default('bicubic') });

/** Qwen2: a decoder that takes ids; the embedding and the rest become two models. */
export const qwen2Adapter: Adapter = {
  modelTypes: ['qwen2'],
  graphs: [['model'], ['decoder_model_merged']],
  async adapt({ files, config, graphs, builder }) {
    const { hidden_size: hidden, max_position_embeddings: positions } = readConfig(
      config,
      textSchema,
      `${files.id}: config.json`,
    );
    const decoder = graphs.get('model') ?? graphs.get('decoder_model_merged');
    if (decoder === undefined) return;
    const tokenEmbedding = await builder.make(decoder, 'embed_tokens', hidden, (file) =>
      editTokenEmbedding(file, hidden),
    );
    const languageModel = await makeDecoder({ files, builder }, decoder, hidden);
    if (files.listed('tokenizer.json') !== undefined) await builder.tokenizer();
    const { eos } = await marksOf(files, { eos: '<|im_end|>', pad: '<|endoftext|>' });
    builder.preset('language', { hidden, eos, positions });
    builder.recipe('qwen2/language', { tokenEmbedding, languageModel });
  },
};

/** LLaVA-OneVision on Qwen2: embedding, vision encoder with its projector, decoder. The base view only. */
export const oneVisionAdapter: Adapter = {
  modelTypes: ['llava_onevision'],
  graphs: [['embed_tokens', 'vision_encoder', 'decoder_model_merged']],
  adapt: adaptOneVision,
};

async function adaptOneVision({ files, config, preprocessor, graphs, builder, warn }: Given): Promise<void> {
  const { text_config: text, vision_config: vision } = readConfig(
    config,
    oneVisionSchema,
    `${files.id}: config.json`,
  );
  const pixels = readConfig(preprocessor, preprocessorSchema, `${files.id}: preprocessor_config.json`);
  const { image_size: imageSize, patch_size: patchSize } = vision;
  agree('an input side of', pixels.size, imageSize, `${files.id}: config.json`);
  const [embed, encoder, decoder] = ['embed_tokens', 'vision_encoder', 'decoder_model_merged'].map((stem) =>
    graphs.get(stem),
  );
  if (embed === undefined || encoder === undefined || decoder === undefined) return;
  const hidden = text.hidden_size;
  const tokens = Math.floor(imageSize / patchSize) ** 2;
  const embedFile = await files.graph(embed);
  agree('states of width', hidden, embedFile.outputs[0]?.shape.at(-1), `${files.id}: ${embed.file.path}`);
  const tokenEmbedding = await builder.use(embed, embedFile, ['inputs_embeds']);
  const siglipTower = await builder.use(encoder, await files.graph(encoder), ['image_features'], {
    names: { patch_features: 'image_features' },
  });
  const projector = await builder.make(encoder, 'projector', [tokens, hidden], (file) =>
    passOn(file, tokens, hidden),
  );
  const languageModel = await makeDecoder({ files, builder }, decoder, hidden);
  builder.preset('siglip', {
    imageSize,
    patchSize,
    mean: pixels.image_mean,
    std: pixels.image_std,
    resample: pixels.resample,
    crop: 'stretch',
  });
  builder.preset('onevision', {
    hidden,
    imageTokens: tokens,
    prompt: '<|im_start|>user {image}\n{text}<|im_end|>\n<|im_start|>assistant\n',
    eos: '<|im_end|>',
    maxNewTokens: 256,
    lowercase: false,
    positions: text.max_position_embeddings,
  });
  if (files.listed('tokenizer.json') !== undefined) await builder.tokenizer();
  warn(
    `${files.id}: ready-made graphs see one view of the picture; any-resolution tiles and image_newline are not in them.`,
  );
  builder.recipe('onevision/language', { siglipTower, projector, tokenEmbedding, languageModel });
}

async function makeDecoder(
  { files, builder }: Pick<Given, 'files' | 'builder'>,
  decoder: ReadyGraph,
  hidden: number,
): Promise<string> {
  const file = await files.graph(decoder);
  const embeds = file.inputs.find(({ name }) => name === 'inputs_embeds');
  agree('states of width', hidden, embeds?.shape[2], `${files.id}: ${decoder.file.path}`);
  const names = file.inputs.map(({ name }) => name);
  if (!names.includes('inputs_embeds') && !names.includes('input_ids')) {
    throw new MaskloomError(
      'MODEL_UNSUPPORTED',
      `The graph ${decoder.file.path} takes neither ids nor embeddings.`,
      {
        where: files.id,
        hint: `It takes: ${names.join(', ')}.`,
      },
    );
  }
  return builder.make(decoder, 'language_model', hidden, (graph) => editLanguageModel(graph, hidden));
}
