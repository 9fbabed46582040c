// Compiled by tsc with the package: each expected error must be one, or the build fails.
import { z } from 'zod';
import { compose } from '../compose/compose.js';
import { defineRecipe } from '../define-recipe.js';
import type { AnyRecipe } from '../recipe.js';
import type { AnyStageFactory } from '../slots/any-stage.js';
import { Assembler, Encoder, MaskDecoder, PointPrompter } from '../slots/slot.js';
import type * as stages from '../slots/slot.js';
import { defineStage } from '../stage/define-stage.js';

declare const anEncoder: stages.Encoder;
declare const aDecoder: stages.MaskDecoder;
declare const aPrompter: stages.PointPrompter;

const encoder = defineStage({
  slot: Encoder,
  name: 'demo/encoder',
  summary: 'Encodes.',
  options: z.object({ size: z.number().default(64) }),
  needs: ['image'],
  gives: ['mask-features'],
  create: (options) => {
    options.size satisfies number;
    return anEncoder;
  },
});
const pointDecoder = defineStage({
  slot: MaskDecoder,
  name: 'demo/points',
  summary: 'Decodes points.',
  options: z.object({}),
  needs: ['mask-features', 'point-prompt'],
  gives: ['mask-logits'],
  create: () => aDecoder,
});
const embeddingDecoder = defineStage({
  slot: MaskDecoder,
  name: 'demo/embeddings',
  summary: 'Decodes embeddings.',
  options: z.object({}),
  needs: ['mask-features', 'embedding-prompt'],
  gives: ['mask-logits'],
  create: () => aDecoder,
});
const silentDecoder = defineStage({
  slot: MaskDecoder,
  name: 'demo/silent',
  summary: 'Gives nothing.',
  options: z.object({}),
  needs: ['mask-features'],
  gives: [],
  create: () => aDecoder,
});
const richDecoder = defineStage({
  slot: MaskDecoder,
  name: 'demo/rich',
  summary: 'Gives more than is asked for.',
  options: z.object({}),
  needs: ['mask-features'],
  gives: ['mask-logits', 'names'],
  create: () => aDecoder,
});
const prompter = defineStage({
  slot: PointPrompter,
  name: 'demo/prompter',
  summary: 'Prompts.',
  options: z.object({}),
  needs: ['image-states'],
  gives: ['point-prompt'],
  create: () => aPrompter,
});

const recipe = defineRecipe({
  system: 'demo',
  name: 'points',
  summary: 'Points only.',
  tasks: ['referring'],
  wiring: {
    Encoder: { supplies: ['image'], demands: ['mask-features'] },
    MaskDecoder: { supplies: ['mask-features', 'point-prompt'], demands: ['mask-logits'] },
  },
  stages: { Encoder: encoder(), MaskDecoder: pointDecoder() },
  run: async (built) => {
    built.Encoder satisfies stages.Encoder;
    // @ts-expect-error the recipe has no PointPrompter
    void built.PointPrompter;
    return { answer: '', segments: [] };
  },
});
recipe satisfies AnyRecipe;
[encoder, pointDecoder, prompter] satisfies readonly AnyStageFactory[];

compose(recipe)
  .with(Encoder, encoder({ size: 3 }))
  .with(MaskDecoder, richDecoder());
// @ts-expect-error options are typed by the schema
encoder({ size: 'large' });
// @ts-expect-error there is no such option
encoder({ sise: 3 });
// @ts-expect-error the decoder needs an embedding prompt, which this recipe does not make
compose(recipe).with(MaskDecoder, embeddingDecoder());
// @ts-expect-error the recipe demands mask logits
compose(recipe).with(MaskDecoder, silentDecoder());
// @ts-expect-error the recipe has no such slot
compose(recipe).with(PointPrompter, prompter());
// @ts-expect-error an encoder does not fill the decoder's slot
compose(recipe).with(MaskDecoder, encoder());
// @ts-expect-error a slot of another kind
compose(recipe).with(Assembler, encoder());

// A recipe whose types are not known takes any stage of the slot; build() checks the rest.
compose(recipe as AnyRecipe)
  .with(MaskDecoder, embeddingDecoder())
  .with(PointPrompter, prompter());
// @ts-expect-error still not another slot's stage
compose(recipe as AnyRecipe).with(MaskDecoder, encoder());

defineRecipe({
  system: 'demo',
  name: 'wrong',
  summary: 'Its default stage does not fit.',
  tasks: ['referring'],
  wiring: { MaskDecoder: { supplies: ['mask-features'], demands: ['mask-logits'] } },
  // @ts-expect-error the default stage needs points
  stages: { MaskDecoder: pointDecoder() },
  run: async () => ({ answer: '', segments: [] }),
});
defineRecipe({
  system: 'demo',
  name: 'unknown-slot',
  summary: 'A slot that does not exist.',
  tasks: ['referring'],
  // @ts-expect-error no slot is called Decoder
  wiring: { Decoder: { supplies: ['image'], demands: [] } },
  // @ts-expect-error (follows from the above)
  stages: {},
  run: async () => ({ answer: '', segments: [] }),
});
