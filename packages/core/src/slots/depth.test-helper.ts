import { z } from 'zod';
import { defineRecipe } from '../define-recipe.js';
import type { ImageFrame } from '../domain/image-frame.js';
import { toyEncoder } from '../pipeline/toy-system.test-helper.js';
import { defineStage } from '../stage/define-stage.js';
import { defineSlot } from './define-slot.js';
import type { Encoder } from './encoder.js';
import type { RunContext, Stage } from './stage.js';

/** Depth of every pixel, in metres. */
export interface DepthMap {
  readonly values: Float32Array;
}

/** A kind of stage that core does not know. */
export interface DepthEstimator extends Stage {
  estimate(image: ImageFrame, run: RunContext): Promise<DepthMap>;
  /** What it would take, without the run. */
  cost?(image: ImageFrame): number;
}

declare module './slot-stages.js' {
  interface SlotStages {
    /** In core's own tests. */
    DepthEstimator: DepthEstimator;
    /** In core's own tests. */
    DepthEncoder: Encoder;
  }
}
declare module './signals.js' {
  interface Signals {
    /** In core's own tests. */
    'depth-map': DepthMap;
  }
}

/** A slot of another package. */
export const DepthEstimator = defineSlot('DepthEstimator', {
  after: 'Encoder',
  summary: 'Image to the depth of every pixel.',
  calls: ['estimate'],
});

/** Another, behind a foreign one, that names no calls: a second tower. */
export const DepthEncoder = defineSlot('DepthEncoder', {
  after: DepthEstimator,
  summary: 'Image to features of its depth.',
});

/** The first value of the image, scaled. */
export const toyDepth = (log: string[] = []) =>
  defineStage({
    slot: DepthEstimator,
    name: 'depth/toy',
    summary: 'The first value as depth.',
    options: z.object({ scale: z.number().default(1) }),
    needs: ['image'],
    gives: ['depth-map'],
    create: ({ scale }) => {
      log.push('make depth');
      return {
        widths: { depth: 1 },
        estimate: async (image, run) => {
          run.warn('toy depth');
          return { values: Float32Array.of((image.rgb[0] ?? 0) * scale) };
        },
        cost: (image) => image.width,
        dispose: () => void log.push('dispose depth'),
      };
    },
  });

/** A tower in the second foreign slot. */
export const toyDepthEncoder = (log: string[] = []) => {
  const encoder = toyEncoder(log)();
  return defineStage({
    slot: DepthEncoder,
    name: 'depth/encoder',
    summary: 'The toy encoder in another place.',
    options: z.object({}),
    needs: ['image'],
    gives: ['mask-features'],
    create: (_, context) => encoder.create(context),
  });
};

/** Encodes twice and estimates; the answer is the depth. The stages are named against the flow. */
export const depthRecipe = (log: string[] = []) =>
  defineRecipe({
    system: 'depth',
    name: 'toy',
    summary: 'Depth by two towers.',
    tasks: ['free'],
    wiring: {
      DepthEncoder: { supplies: ['image'], demands: ['mask-features'] },
      DepthEstimator: { supplies: ['image'], demands: ['depth-map'] },
      Encoder: { supplies: ['image'], demands: ['mask-features'] },
    },
    stages: {
      DepthEncoder: toyDepthEncoder(log)(),
      DepthEstimator: toyDepth(log)(),
      Encoder: toyEncoder(log)(),
    },
    async run(stages, image, _, run) {
      await stages.Encoder.encode(image, run);
      await stages.DepthEncoder.encode(image, run);
      const { values } = await stages.DepthEstimator.estimate(image, run);
      return { answer: `${values[0]} ${stages.DepthEstimator.cost?.(image)}`, segments: [] };
    },
  });
