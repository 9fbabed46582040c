import { throwIfAborted } from '@maskloom/masks';
import { expect } from 'vitest';
import { hostTensor } from '../../domain/host-tensor.js';
import { resolveMasks } from '../../domain/resolve-masks.js';
import { fromFrame } from '../../domain/transform.js';
import { fakeHost, type FakeModel } from '../fake-host.js';
import type { FakeTensor } from '../fake-tensor.js';
import type { Fixture } from '../fixture.js';
import type { Sample } from './sample.test-helper.js';

const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);

/** Adds one to each of [1, 8, 4, 4] values. */
export const model: FakeModel = {
  inputs: [{ name: 'x', dtype: 'float32', shape: [1, 8, 4, 4] }],
  outputs: [{ name: 'y', dtype: 'float32', shape: [1, 8, 4, 4] }],
  run: ({ x }) => ({
    y: hostTensor(
      'float32',
      [1, 8, 4, 4],
      Float32Array.from(x?.data as Float32Array, (value) => value + 1),
    ),
  }),
};

export const encoder: Sample<'Encoder'> = {
  options: { host: () => fakeHost({ models: { encoder: model } }) },
  make: async (models) => {
    const session = await models.model('encoder');
    return {
      cacheKey: 'demo',
      async encode(image, run) {
        const x = hostTensor('float32', [1, 8, 4, 4], new Float32Array(128).fill(image.rgb[0] ?? 0));
        const { y } = await session.run({ x }, { scope: run.scope, signal: run.signal });
        const { width, height } = image;
        const transform = {
          frame: 'SamPx',
          original: { width, height },
          resized: { width, height },
          input: { width: 96, height: 96 },
          scaleX: 1,
          scaleY: 1,
          offsetX: 0,
          offsetY: 0,
        } as const;
        return { space: 'sam', layout: 'grid', tensor: y!, width: 8, rows: 4, columns: 4, transform };
      },
    };
  },
  spoils: {
    'keeps its contract on a wide image': (good) => ({
      ...good,
      encode: async (image, run) => {
        const map = await good.encode(image, run);
        return {
          ...map,
          transform: { ...map.transform, original: { width: image.height, height: image.width } },
        };
      },
    }),
    'keeps its contract on a square image': (good) => ({
      ...good,
      encode: async (image, run) => ({ ...(await good.encode(image, run)), rows: 5 }),
    }),
    'gives its tensors to the run': (good) => ({
      ...good,
      encode: (image, run) => good.encode(image, { ...run, scope: { ...run.scope, own: () => undefined } }),
    }),
    'starts no model once aborted': (good) => ({
      ...good,
      encode: (image, run) => good.encode(image, { ...run, signal: new AbortController().signal }),
    }),
    'can be disposed of twice': (good) => {
      let disposed = 0;
      return { ...good, dispose: () => void (++disposed > 1 && expect.fail('again')) };
    },
    'says what it is': (good) => ({ ...good, widths: { hidden: 0 } }),
    'leaves its inputs as they are': (good) => ({
      ...good,
      encode: (image, run) => ((image.rgb[1] = 7), good.encode(image, run)),
    }),
    'gives the same answer twice': (good) => {
      let call = 0;
      return {
        ...good,
        encode: async (image, run) => ({ ...(await good.encode(image, run)), space: `space ${++call}` }),
      };
    },
  },
};

export const prompter: Sample<'PointPrompter'> = {
  make: () => ({
    async prompt({ query, imageStates }) {
      const [states] = [await imageStates.tensor.read(), await query.read()];
      const best = states.indexOf(Math.max(...states)) % 16;
      const { input } = imageStates.transform;
      const xy = Float32Array.of(
        (((best % 4) + 0.5) * input.width) / 4,
        ((Math.floor(best / 4) + 0.5) * input.height) / 4,
      );
      const points = fromFrame(
        { frame: 'ClipPx', xy, labels: Int8Array.of(1) },
        imageStates.transform as never,
      );
      return { points };
    },
  }),
  spoils: {
    'keeps its contract on a tall image': (good) => ({
      ...good,
      prompt: async (query, run) => {
        const { points } = await good.prompt(query, run);
        return {
          points: {
            ...points,
            xy: points.xy.map((_, i) => (i === 0 ? query.imageStates.transform.original.height - 1 : 0)),
          },
        };
      },
    }),
    'survives an image whose states are all alike': (good) => ({
      ...good,
      prompt: async (query, run) => {
        const states = await query.imageStates.tensor.read();
        if (Math.max(...states) === Math.min(...states)) throw new RangeError('flat');
        return good.prompt(query, run);
      },
    }),
    'keeps its contract on a square image': (good) => ({
      ...good,
      prompt: async (query, run) => ({
        points: { ...(await good.prompt(query, run)).points, labels: Int8Array.of(4) },
      }),
    }),
    'leaves its inputs as they are': (good) => ({
      ...good,
      prompt: (query, run) => {
        (query.query as FakeTensor).values().data[0] = 3;
        return good.prompt(query, run);
      },
    }),
  },
};

export const decoder: Sample<'MaskDecoder'> = {
  make: () => ({
    embeddingWidth: 8,
    widths: { embedding: 8 },
    async decode(features, prompts, run) {
      const base = sum(await features.tensor.read());
      const logits = new Float32Array(prompts.length * 256);
      for (const [n, prompt] of prompts.entries()) {
        throwIfAborted(run.signal, 'decode');
        const embedding =
          prompt.embedding === undefined
            ? 0
            : ((await prompt.embedding.tensor.read())[prompt.embedding.row * 8] ?? 0);
        const value =
          base +
          embedding +
          sum(prompt.points?.xy ?? new Float32Array(0)) +
          (prompt.box?.x ?? 0) +
          (prompt.mask?.[0] ?? 0);
        logits.fill(value, n * 256, (n + 1) * 256);
      }
      const transform = features.transform as ReturnType<Fixture['samTransform']>;
      return {
        logits,
        count: prompts.length,
        width: 16,
        height: 16,
        quality: new Float32Array(prompts.length).fill(0.5),
        transform,
      };
    },
  }),
  spoils: {
    'decodes each prompt by itself, in the order given': (good) => ({
      ...good,
      decode: (features, prompts, run) => good.decode(features, [...prompts].reverse(), run),
    }),
    'keeps its contract on a wide image': (good) => ({
      ...good,
      decode: async (features, prompts, run) => {
        const decoded = await good.decode(features, prompts, run);
        return { ...decoded, transform: { ...decoded.transform, resized: decoded.transform.input } };
      },
    }),
  },
};

export const assembler: Sample<'Assembler'> = {
  make: () => ({
    async assemble(masks, labels) {
      const resolved = resolveMasks(masks);
      return resolved.masks.map((mask, n) => ({
        label: labels[n]?.label ?? '',
        score: labels[n]?.score ?? masks.quality[n] ?? 0,
        bbox: resolved.boxes[n]!,
        area: resolved.areas[n]!,
        mask,
      }));
    },
  }),
  spoils: {
    'keeps its contract on a tall image': (good) => ({
      ...good,
      assemble: async (...given) =>
        (await good.assemble(...given)).map((one) => ({
          ...one,
          bbox: [one.bbox[1], one.bbox[0], one.bbox[3], one.bbox[2]],
        })),
    }),
    'keeps its contract on a square image': (good) => ({
      ...good,
      assemble: async (...given) => (await good.assemble(...given)).map((one) => ({ ...one, score: 3 })),
    }),
    'makes no segments of no masks': (good) => ({
      ...good,
      assemble: (masks, ...rest) =>
        masks.count === 0 ? Promise.reject(new Error('none')) : good.assemble(masks, ...rest),
    }),
  },
};

export const refiner: Sample<'Refiner'> = {
  make: () => ({ refine: async (_image, prediction) => prediction }),
  spoils: {
    'keeps its contract on a square image': (good) => ({
      ...good,
      refine: async (...given) => {
        const result = await good.refine(...given);
        return { ...result, segments: result.segments.map((one) => ({ ...one, area: 1 })) };
      },
    }),
  },
};
