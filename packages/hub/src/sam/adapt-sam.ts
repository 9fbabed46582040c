import { z } from 'zod';
import type { Adapter, Given } from '../ready/adapter.js';
import { agree, readConfig } from '../ready/read-config.js';
import { SAM_FORM } from './edit-decoder.js';
import { giveSam, SAM_GRAPHS, samGraphs } from './sam-graphs.js';

const configSchema = z.object({
  vision_config: z
    .object({
      image_size: z.int().positive().default(1024),
      patch_size: z.int().positive().default(16),
      output_channels: z.int().positive().default(256),
    })
    .prefault({}),
});

/** SAM and its pruned forms (SlimSAM): vision encoder, and prompt encoder with mask decoder. */
export const samAdapter: Adapter = {
  modelTypes: ['sam'],
  graphs: [SAM_GRAPHS],
  adapt: adaptSam,
};

async function adaptSam(given: Given): Promise<void> {
  const { files, builder, warn } = given;
  const { vision_config: vision } = readConfig(given.config, configSchema, `${files.id}: config.json`);
  const stated = { image: vision.image_size, patch: vision.patch_size, width: vision.output_channels };
  const sam = await samGraphs(given, stated, SAM_FORM);
  if (sam === undefined) return;
  const { encoder, encoderFile, shape, known } = sam;
  const input = encoderFile.inputs.find(({ name }) => name === 'pixel_values');
  agree('an input side of', shape.imageSize, input?.shape.at(-1), `${files.id}: ${encoder.file.path}`);
  if (known.corners === undefined || known.mask === undefined) {
    warn(
      `${files.id}: its graphs leave out SAM's weights for boxes and previous masks, and no original was found that has ` +
        `them: it takes points and embeddings. Name the original (weightsFrom: 'facebook/sam-vit-base').`,
    );
  }
  const prompts = ['point', 'embedding', ...(known.corners ? ['box'] : []), ...(known.mask ? ['mask'] : [])];
  await giveSam(given, sam, await builder.use(encoder, encoderFile, ['image_embeddings']), { prompts });
}
