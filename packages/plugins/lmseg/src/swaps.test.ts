import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  compose,
  CostAggregator,
  defineStage,
  encodeMask,
  FeatureFuser,
  hostTensor,
  localTensor,
  PromptWriter,
  TextEmbedder,
  VisionEncoder,
  type HostTensor,
  type ModelSource,
} from '@maskloom/core';
import { fakeHost, fakeImage, fakeTokenizer, noise, type FakeModel } from '@maskloom/core/conformance';
import { siglipDense, siglipText } from '@maskloom/clip';
import { prompted } from '@maskloom/sam';
import { plainCosts } from './cost/plain-costs.js';
import { denseOnly } from './fusion/dense-only.js';
import { withMaskLabels } from './naming/with-mask-labels.js';
import { bareName } from './prompts/plain-writers.js';
import { full } from './recipes/recipes.js';
import { SIDE, toyLmseg, toySource, TOY_SIZES, WORLD } from './toy-lmseg.test-helper.js';

const image = fakeImage(60, 40);
const labels = ['star', 'ring', 'grass'];
const port = (name: string, shape: (number | string)[], dtype: 'float32' | 'int64' = 'float32') => ({
  name,
  dtype,
  shape,
});

/** SigLIP's two towers, of another width than the toy's CLIP, and nothing else of LMSeg but its preset. */
function siglipSource(textWidth = 5): ModelSource {
  const cells = TOY_SIZES.grid ** 2;
  const siglipTower: FakeModel = {
    inputs: [port('pixel_values', ['B', 3, SIDE, SIDE])],
    outputs: [port('patch_features', ['B', cells, 5])],
    run: ({ pixel_values }) => {
      const pixels = pixel_values?.data as Float32Array;
      const values = Float32Array.from(
        { length: cells * 5 },
        (_, i) => 0.2 + (i % 5) * (pixels[Math.floor(i / 5) * 60] ?? 0),
      );
      return { patch_features: hostTensor('float32', [1, cells, 5], values) };
    },
  };
  const siglipText: FakeModel = {
    inputs: [port('input_ids', ['B', 'T'], 'int64'), port('attention_mask', ['B', 'T'], 'int64')],
    outputs: [port('text_embed', ['B', textWidth])],
    run: ({ input_ids }: Readonly<Record<string, HostTensor>>) => {
      const [rows = 0, length = 0] = input_ids?.dims ?? [];
      const values = Array.from({ length: rows }, (_, row) => {
        const vector = noise(textWidth, Number(input_ids?.data[row * length + 1]));
        return Array.from(vector, (value) => value / Math.hypot(...vector));
      }).flat();
      return { text_embed: hostTensor('float32', [rows, textWidth], Float32Array.from(values)) };
    },
  };
  const toy = toyLmseg();
  return {
    open: async () =>
      fakeHost({
        models: { siglipTower, siglipText, samEncoder: samOf(toy) },
        presets: {
          siglip: {
            imageSize: SIDE,
            patchSize: SIDE / TOY_SIZES.grid,
            text: { maxTokens: 30, eos: '</s>', pad: '<pad>' },
          },
          sam: toy.preset('sam'),
          lmseg: toy.preset('lmseg'),
        },
        tokenizer: fakeTokenizer(['<pad>', '</s>']),
      }),
  };
}

/** The toy's SAM, as a model of another host. */
function samOf(toy: ReturnType<typeof toyLmseg>): FakeModel {
  return {
    ...toy.ports('samEncoder'),
    run: async (feeds) => {
      const session = await toy.model('samEncoder');
      const { image_embeddings } = await session.run(feeds, { scope: toy.scope() });
      const values = await image_embeddings?.read();
      return {
        image_embeddings: hostTensor('float32', image_embeddings?.dims ?? [], values ?? new Float32Array(0)),
      };
    },
  };
}

describe("SigLIP in CLIP's place", () => {
  const swapped = compose(full)
    .with(VisionEncoder, siglipDense())
    .with(TextEmbedder, siglipText())
    .with(FeatureFuser, denseOnly())
    .with(CostAggregator, plainCosts());

  it('segments with stages that need no weights of CLIP', async () => {
    const pipeline = await swapped.on(siglipSource()).build();
    const { segments, evidence } = await pipeline.segment(image, { task: 'semantic', labels });
    expect(segments.reduce((sum, { area }) => sum + area, 0)).toBe(60 * 40);
    expect(evidence?.semantic?.fusion).toBeUndefined();
  });

  it('is refused when it is built where its texts are of another width', async () => {
    await expect(swapped.on(siglipSource(7)).build()).rejects.toMatchObject({ code: 'STAGE_MISMATCH' });
  });
});

describe('a fusion written elsewhere', () => {
  const half = defineStage({
    slot: FeatureFuser,
    name: 'elsewhere/first-channel',
    summary: 'Every cell points along the first channel.',
    options: z.object({}),
    needs: ['dense-features'],
    gives: ['fused-features'],
    create: () => ({
      fuse: async (dense) => {
        const { width, rows, columns } = dense;
        const values = new Float32Array(width * rows * columns).fill(1, 0, rows * columns);
        return {
          features: {
            ...dense,
            layout: 'grid' as const,
            tensor: localTensor([1, width, rows, columns], values),
          },
        };
      },
    }),
  });

  it('takes the place of the learned one', async () => {
    const pipeline = await compose(full)
      .with(FeatureFuser, half())
      .with(CostAggregator, plainCosts())
      .on(toySource())
      .build();
    // All cells are alike, so one class wins everywhere.
    const { segments } = await pipeline.segment(image, { task: 'semantic', labels });
    expect(segments.map(({ area }) => area)).toEqual([60 * 40]);
  });

  it('cannot ask for what the recipe does not supply', () => {
    const wrong = defineStage({ ...definition, needs: ['query-state'] });
    // @ts-expect-error no query state in LMSeg
    expect(() => compose(full).with(FeatureFuser, wrong()).check()).toThrow(
      expect.objectContaining({ code: 'STAGE_MISMATCH' }),
    );
  });
  const definition = {
    slot: FeatureFuser,
    name: 'elsewhere/wrong',
    summary: '',
    options: z.object({}),
    gives: ['fused-features'] as const,
    create: () => ({ fuse: () => Promise.reject(new Error('never')) }),
  };
});

describe("LMSeg's labels for other masks", () => {
  const LEFT = encodeMask(
    Uint8Array.from({ length: 2400 }, (_, i) => Number(i % 60 < 20)),
    60,
    40,
  );
  const RIGHT = encodeMask(
    Uint8Array.from({ length: 2400 }, (_, i) => Number(i % 60 >= 40)),
    60,
    40,
  );
  const twoMasks = {
    ...prompted,
    system: 'two',
    name: 'masks',
    tasks: ['instance'],
    wiring: {},
    stages: {},
    run: async () => ({
      answer: '',
      segments: [LEFT, RIGHT].map((mask) => ({
        label: '?',
        score: 0.5,
        bbox: [0, 0, 1, 1] as const,
        area: 800,
        mask,
      })),
    }),
  } as const;

  it('name each mask by what is in it, whatever recipe found it', async () => {
    const pipeline = await compose(withMaskLabels(twoMasks, { writer: bareName() }))
      .on(toySource())
      .build();
    const names = WORLD.stuff.concat('a', 'b', 'c', 'd', 'e', 'f');
    const { segments, recipe } = await pipeline.segment(image, { task: 'instance', labels: names });
    expect(recipe).toBe('masks-lmseg-labels');
    for (const { label } of segments) expect(names).toContain(label);
    // Swapped masks swap their names.
    const turned = {
      ...twoMasks,
      run: async () => ({ answer: '', segments: [...(await twoMasks.run()).segments].reverse() }),
    };
    const other = await compose(withMaskLabels(turned, { writer: bareName() }))
      .on(toySource())
      .build();
    const back = await other.segment(image, { task: 'instance', labels: names });
    expect(back.segments.map(({ label }) => label)).toEqual(segments.map(({ label }) => label).reverse());
  });

  it('need labels', async () => {
    const pipeline = await compose(withMaskLabels(twoMasks)).on(toySource()).build();
    await expect(pipeline.segment(image, { task: 'instance' })).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
  });

  it('spare a recipe its own naming', async () => {
    let asked = 0;
    const naming = {
      ...twoMasks,
      wiring: { CategoryGenerator: { supplies: ['category-embedding', 'candidates'], demands: ['names'] } },
      run: async (
        stages: {
          readonly CategoryGenerator?: {
            name(query: object, run: object): Promise<readonly { name: string }[]>;
          };
        },
        _: object,
        request: { labels?: readonly string[] },
        run: object,
      ) => {
        asked++;
        expect(request.labels).toBeUndefined();
        const embeddings = localTensor([2, 1], new Float32Array(2));
        const names = await stages.CategoryGenerator?.name({ embeddings }, run);
        expect(names?.map(({ name }) => name)).toEqual(['thing', 'thing']);
        return twoMasks.run();
      },
    };
    const pipeline = await compose(withMaskLabels(naming as never))
      .on(toySource())
      .build();
    await pipeline.segment(image, { task: 'instance', labels });
    expect(asked).toBe(1);
  });
});

it('the description stage can be swapped from user code', async () => {
  const shout = defineStage({
    slot: PromptWriter,
    name: 'elsewhere/shout',
    summary: 'Names in capitals.',
    options: z.object({}),
    needs: ['candidates'],
    gives: ['descriptions'],
    create: () => ({ describe: async (names) => names.map((name) => [name.toUpperCase()]) }),
  });
  const pipeline = await compose(full).with(PromptWriter, shout()).on(toySource()).build();
  const { evidence, stages } = await pipeline.segment(image, {
    task: 'semantic',
    labels: ['star|ring', 'grass'],
  });
  expect(evidence?.semantic?.classes.map(({ descriptions }) => descriptions)).toEqual([
    ['STAR', 'RING'],
    ['GRASS'],
  ]);
  expect(stages.find(({ slot }) => slot === 'PromptWriter')?.stage).toBe('elsewhere/shout');
});
