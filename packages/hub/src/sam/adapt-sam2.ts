import { z } from 'zod';
import type { Adapter, Given } from '../ready/adapter.js';
import { readConfig } from '../ready/read-config.js';
import { SAM2_FORM } from './edit-decoder.js';
import { giveSam, SAM_GRAPHS, samGraphs } from './sam-graphs.js';

const configSchema = z.object({
  prompt_encoder_config: z
    .object({
      image_size: z.int().positive().default(1024),
      patch_size: z.int().positive().default(16),
      hidden_size: z.int().positive().default(256),
    })
    .prefault({}),
});

/** SAM 2, SAM 2.1 and SAM 3's tracker on single images: features on three levels; the image is stretched, not padded. */
export const sam2Adapter: Adapter = {
  modelTypes: ['sam2', 'sam2_video', 'sam3_tracker', 'sam3_tracker_video'],
  graphs: [SAM_GRAPHS],
  adapt: adaptSam2,
};

async function adaptSam2(given: Given): Promise<void> {
  const { files, builder, warn } = given;
  const { prompt_encoder_config: prompts } = readConfig(
    given.config,
    configSchema,
    `${files.id}: config.json`,
  );
  const stated = { image: prompts.image_size, patch: prompts.patch_size, width: prompts.hidden_size };
  const sam = await samGraphs(given, stated, SAM2_FORM);
  if (sam === undefined) return;
  const { encoder, encoderFile, known } = sam;
  if (known.mask === undefined)
    warn(
      `${files.id}: its graphs leave out the weights for previous masks, and no original was found (weightsFrom).`,
    );
  const levels = [...SAM2_FORM.finer, SAM2_FORM.ports.image];
  const samEncoder = await builder.use(encoder, encoderFile, levels, {
    names: {
      image_embeddings: SAM2_FORM.ports.image,
      ...Object.fromEntries(SAM2_FORM.finer.map((name, i) => [`high_res_${i}`, name])),
    },
  });
  await giveSam(given, sam, samEncoder, {
    fit: 'stretch',
    prompts: ['point', 'box', 'embedding', ...(known.mask ? ['mask'] : [])],
    padAfterBox: true,
  });
}
