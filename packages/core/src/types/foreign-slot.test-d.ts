// Compiled by tsc with the package: each expected error must be one, or the build fails.
import { z } from 'zod';
import { compose } from '../compose/compose.js';
import { defineRecipe } from '../define-recipe.js';
import type { AnyRecipe } from '../recipe.js';
import { defineSlot } from '../slots/define-slot.js';
import { DepthEncoder, DepthEstimator, depthRecipe, toyDepth } from '../slots/depth.test-helper.js';
import { Encoder } from '../slots/slot.js';
import { defineStage } from '../stage/define-stage.js';
import { wrapStage } from '../stage/wrap-stage.js';

const stage = { slot: DepthEstimator, summary: '', options: z.object({}) } as const;
const estimate = async () => ({ values: new Float32Array(1) });
const hungry = defineStage({
  ...stage,
  name: 'depth/hungry',
  needs: ['image', 'text'],
  gives: ['depth-map'],
  create: () => ({ estimate }),
});
const silent = defineStage({
  ...stage,
  name: 'depth/silent',
  needs: [],
  gives: [],
  create: () => ({ estimate }),
});
const encoder = defineStage({
  slot: DepthEncoder,
  name: 'depth/encoder',
  summary: '',
  options: z.object({}),
  needs: ['depth-map'],
  gives: ['mask-features'],
  create: () => ({}) as never,
});
const recipe = depthRecipe();
const depth = toyDepth();

compose(recipe).with(DepthEstimator, depth({ scale: 2 }));
// @ts-expect-error options of a foreign slot's stage are typed by its schema
depth({ scale: 'large' });
// @ts-expect-error the recipe supplies no text
compose(recipe).with(DepthEstimator, hungry());
// @ts-expect-error the recipe demands a depth map
compose(recipe).with(DepthEstimator, silent());
// @ts-expect-error a stage of one foreign slot does not fill another
compose(recipe).with(DepthEncoder, depth());
// @ts-expect-error nor one of core's
compose(recipe).with(Encoder, depth());
// @ts-expect-error the recipe supplies no depth map to that slot
compose(recipe).with(DepthEncoder, encoder());
// @ts-expect-error a stage of a foreign slot must have its calls
defineStage({ ...stage, name: 'depth/empty', needs: [], gives: ['depth-map'], create: () => ({}) });
// @ts-expect-error no signal is called so
defineStage({ ...stage, name: 'depth/odd', needs: ['depth-mapp'], gives: [], create: () => ({ estimate }) });

compose(recipe as AnyRecipe).with(DepthEstimator, hungry());
// @ts-expect-error still not another slot's stage
compose(recipe as AnyRecipe).with(DepthEstimator, encoder());

defineRecipe({
  system: 'depth',
  name: 'wrong',
  summary: '',
  tasks: ['free'],
  wiring: { DepthEstimator: { supplies: ['image'], demands: ['depth-map'] } },
  // @ts-expect-error the default stage needs a text
  stages: { DepthEstimator: hungry() },
  run: async (stages, image, _, run) => {
    (await stages.DepthEstimator.estimate(image, run)).values satisfies Float32Array;
    // @ts-expect-error the slot's stages have no such call
    void stages.DepthEstimator.encode;
    return { answer: '', segments: [] };
  },
});

// @ts-expect-error nobody has said what fills it
defineSlot('Unheard', { after: 'Encoder', summary: '' });
// @ts-expect-error its stages have no such call
defineSlot('DepthEstimator', { after: 'Encoder', summary: '', calls: ['guess'] });
// @ts-expect-error core's slots are taken
defineSlot('Encoder', { after: 'Tiler', summary: '' });

// Wrapping keeps what a spec needs and gives, in foreign slots too.
compose(recipe).with(
  DepthEstimator,
  wrapStage(depth(), {
    async estimate(inner, image, run) {
      image.width satisfies number;
      const { values } = await inner.estimate(image, run);
      return { values: values.map((value) => value * 2) };
    },
  }),
);
// @ts-expect-error the wrapped stage still needs a text
compose(recipe).with(DepthEstimator, wrapStage(hungry(), {}));
// @ts-expect-error there is no such call
wrapStage(depth(), { guess: async () => undefined });
// @ts-expect-error the call gives a depth map
wrapStage(depth(), { estimate: async () => 3 });
