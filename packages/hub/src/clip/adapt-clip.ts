import { z } from 'zod';
import type { Adapter, Given } from '../ready/adapter.js';
import { marksOf } from '../ready/marks.js';
import { agree, filter, readConfig, side, statistics } from '../ready/read-config.js';
import { editClipText, editClipVision, type VisionShape } from './edit-vision.js';

const configSchema = z.object({
  projection_dim: z.int().positive().default(512),
  vision_config: z
    .object({
      image_size: z.int().positive().default(224),
      patch_size: z.int().positive().default(32),
      hidden_size: z.int().positive().default(768),
    })
    .prefault({}),
  text_config: z.object({ max_position_embeddings: z.int().positive().default(77) }).prefault({}),
});

const preprocessorSchema = statistics.extend({ crop_size: side, resample: filter.default('bicubic') });

/** CLIP: two graphs, one for each tower, or one graph with both. */
export const clipAdapter: Adapter = {
  modelTypes: ['clip'],
  graphs: [['vision_model', 'text_model'], ['model']],
  adapt: adaptClip,
};

/** The recipe under which the towers stand: for stages that name it (`clipDense({ recipe: 'clip/towers' })`). */
const RECIPE = 'clip/towers';

async function adaptClip({ files, config, preprocessor, graphs, builder }: Given): Promise<void> {
  const read = readConfig(config, configSchema, `${files.id}: config.json`);
  const pixels = readConfig(preprocessor, preprocessorSchema, `${files.id}: preprocessor_config.json`);
  const { image_size: imageSize, patch_size: patchSize, hidden_size: width } = read.vision_config;
  agree('an input side of', pixels.crop_size, imageSize, `${files.id}: config.json`);
  const shape: VisionShape = {
    imageSize,
    tokens: Math.floor(imageSize / patchSize) ** 2,
    width,
    projection: read.projection_dim,
  };
  const vision = graphs.get('vision_model') ?? graphs.get('model');
  if (vision === undefined) return;
  const visionFile = await files.graph(vision);
  const positions = [...visionFile.initializers.values()].map(({ dims }) => dims);
  if (!positions.some((dims) => dims.length <= 3 && dims.includes(shape.tokens + 1)))
    agree(
      'patches and a class token',
      shape.tokens + 1,
      placesOf(positions, width),
      `${files.id}: ${vision.file.path}`,
    );
  const clipTower = await builder.make(vision, 'vision', shape, (file) => editClipVision(file, shape));
  const text = graphs.get('text_model');
  const clipText =
    text === undefined
      ? await builder.make(vision, 'text', shape.projection, (file) => editClipText(file, shape.projection))
      : await builder.use(text, await files.graph(text), ['text_embeds'], {
          names: { text_embed: 'text_embeds' },
          accepts: ['attention_mask'],
        });
  const marks = await marksOf(files, { eos: '<|endoftext|>', pad: '<|endoftext|>' });
  builder.preset('clip', {
    imageSize,
    patchSize,
    mean: pixels.image_mean,
    std: pixels.image_std,
    resample: pixels.resample,
    text: {
      maxTokens: read.text_config.max_position_embeddings,
      bos: '<|startoftext|>',
      ...marks,
      prefix: '',
      trimEnd: false,
    },
  });
  if (files.listed('tokenizer.json') !== undefined) await builder.tokenizer();
  builder.recipe(RECIPE, { clipTower, clipDense: clipTower, clipText });
}

/** Rows of a table as wide as the tower that is no layer's weight: the positions, whatever they are called. */
function placesOf(dims: readonly (readonly number[])[], width: number): number | undefined {
  return dims.find(
    ([rows = 0, columns, ...more]) => more.length === 0 && columns === width && rows % width !== 0,
  )?.[0];
}
