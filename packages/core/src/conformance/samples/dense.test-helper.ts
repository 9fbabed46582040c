import { encodeLabel, maskBox } from '@maskloom/masks';
import { hostTensor } from '../../domain/host-tensor.js';
import { localTensor } from '../../domain/local-tensor.js';
import type { Sample } from './sample.test-helper.js';

export const tiler: Sample<'Tiler'> = {
  make: () => ({
    plan: async (image) => ({
      canvas: { width: image.width, height: image.height },
      views: [{ image, kind: 'window', x: 0, y: 0 }],
    }),
  }),
  spoils: {
    'keeps its contract on a wide image': (good) => ({
      ...good,
      plan: async (image, run) => {
        const plan = await good.plan(image, run);
        return { ...plan, canvas: { width: image.width + 1, height: image.height } };
      },
    }),
    'keeps its contract on a square image': (good) => ({
      ...good,
      plan: async (image, run) => {
        const plan = await good.plan({ ...image, sha256: 'another' }, run);
        return plan;
      },
    }),
  },
};

export const embedder: Sample<'TextEmbedder'> = {
  make: () => ({
    embed: async (texts) => {
      const values = new Float32Array(texts.length * 2);
      texts.forEach((sentences, i) => {
        const angle = sentences.join('').length;
        values.set([Math.cos(angle), Math.sin(angle)], 2 * i);
      });
      return { count: texts.length, width: 2, values };
    },
  }),
  spoils: {
    'keeps its contract on a square image': (good) => ({
      ...good,
      embed: async (texts, run) => {
        const made = await good.embed(texts, run);
        return { ...made, values: made.values.map((value) => 2 * value) };
      },
    }),
    'embeds each class by itself': (good) => ({
      ...good,
      embed: async (texts, run) => good.embed([['first'], ...texts.slice(1)].slice(0, texts.length), run),
    }),
    'embeds nothing when there is no class': (good) => ({
      ...good,
      embed: (texts, run) => good.embed(texts.length === 0 ? [['x']] : texts, run),
    }),
  },
};

export const fuser: Sample<'FeatureFuser'> = {
  make: () => ({
    fuse: async (dense) => {
      const { rows, columns, width } = dense;
      const values = new Float32Array(width * rows * columns);
      values.fill(1, 0, rows * columns);
      return {
        features: {
          ...dense,
          layout: 'grid',
          tensor: localTensor([1, width, rows, columns], values),
        },
        weight: { kind: 'scalar', values: Float32Array.of(0.5) },
      };
    },
  }),
  spoils: {
    'keeps its contract on a square image': (good) => ({
      ...good,
      fuse: async (dense, spatial, run) => ({
        ...(await good.fuse(dense, spatial, run)),
        weight: { kind: 'position', values: Float32Array.of(0.5) },
      }),
    }),
    'keeps its contract on a wide image': (good) => ({
      ...good,
      fuse: async (dense, spatial, run) => {
        const fused = await good.fuse(dense, spatial, run);
        const { dims } = fused.features.tensor;
        const values = new Float32Array(dims.reduce((product, axis) => product * axis, 1)).fill(1);
        return { features: { ...fused.features, tensor: localTensor(dims, values) } };
      },
    }),
  },
};

export const aggregator: Sample<'CostAggregator'> = {
  make: () => ({
    prepare: async (views, text) => ({
      chunks: text.count,
      scores: async (chunk) => {
        const [first = 0] = text.values.subarray(chunk * text.width);
        const logits = views.map(
          () => hostTensor('float32', [1], Float32Array.of(first)).data as Float32Array,
        );
        return { classes: [chunk], rows: 1, columns: 1, logits };
      },
    }),
  }),
  spoils: {
    'keeps its contract on a square image': (good) => ({
      ...good,
      prepare: (views, text, run) => good.prepare(views.slice(1), text, run),
    }),
    'gives the classes the same scores in any order': (good) => ({
      ...good,
      prepare: async (views, text, run) => {
        const session = await good.prepare(views, text, run);
        return {
          ...session,
          scores: async (chunk, within) => {
            const scores = await session.scores(chunk, within);
            return { ...scores, logits: scores.logits.map((map) => map.map((value) => value + chunk)) };
          },
        };
      },
    }),
    'scores nothing when there is no class': (good) => ({
      ...good,
      prepare: async (views, text, run) => ({ ...(await good.prepare(views, text, run)), chunks: 1 }),
    }),
  },
};

export const semantic: Sample<'SemanticAssembler'> = {
  make: () => ({
    assemble: async ({ image: { width, height }, labels }) => {
      const [label] = labels;
      if (label === undefined) return [];
      const mask = encodeLabel(new Uint8Array(width * height), width, height, 0);
      return [{ label, score: 1, bbox: maskBox(mask), area: width * height, mask }];
    },
  }),
  spoils: {
    'keeps its contract on a square image': (good) => ({ ...good, assemble: async () => [] }),
    'keeps its contract on a tall image': (good) => ({
      ...good,
      assemble: (query, run) =>
        good.assemble({ ...query, image: { width: query.image.height, height: query.image.width } }, run),
    }),
    'finds nothing when there is no label': (good) => ({
      ...good,
      assemble: (query, run) => good.assemble({ ...query, labels: ['x'] }, run),
    }),
  },
};
