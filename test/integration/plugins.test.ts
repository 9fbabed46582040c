import { afterAll, describe, expect, it } from 'vitest';
import {
  compare,
  compose,
  createFeatureCache,
  Assembler,
  LanguageModel,
  PointPrompter,
  type AnyRecipe,
  type Pipeline,
  type Prediction,
} from '@maskloom/core';
import { fakeImage } from '@maskloom/core/conformance';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { llavaLanguageModel } from '@maskloom/llava';
import {
  full,
  noPoints,
  points,
  seg,
  segPoints,
  similarityAsPoints,
  topKPoints,
  withSasP,
} from '@maskloom/read';
import { folderBundle, onnx } from '@maskloom/runtime';
import { thresholdAssembler } from '@maskloom/sam';
import { several, single } from '@maskloom/stacked-seg';

const RECIPES: readonly AnyRecipe[] = [single, several, seg, points, segPoints, full];
const SIZES = [
  [128, 128],
  [160, 96],
  [96, 160],
  [101, 67],
] as const;
const ASK = { task: 'referring', text: 'the red disc' } as const;
const ACCEPT = 'It is [SEG].';

const source = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1, keepOpen: true });
afterAll(() => source.dispose());

/** A pipeline whose language model is given its answer and whose masks are kept even where all logits are low. */
const forced = (recipe: AnyRecipe, answer: string): Promise<Pipeline> =>
  compose(recipe)
    .with(LanguageModel, llavaLanguageModel({ forcedAnswer: answer }))
    .with(Assembler, thresholdAssembler({ threshold: -1e9 }))
    .on(source)
    .build();

const slotsOf = (prediction: Prediction): string[] => prediction.stages.map((stage) => stage.slot);

describe.each(RECIPES.map((recipe) => [`${recipe.system}/${recipe.name}`, recipe] as const))(
  '%s',
  (id, recipe) => {
    it('segments images of every shape, its stages in order', async () => {
      await using pipeline = await forced(recipe, ACCEPT);
      for (const [width, height] of SIZES) {
        const prediction = await pipeline.segment(fakeImage(width, height), ASK);
        expect(prediction.answer).toBe(ACCEPT);
        expect(prediction.segments).toHaveLength(1);
        expect(prediction.segments[0]?.mask.size).toEqual([height, width]);
        expect(prediction.segments[0]?.label).toBe(ASK.text);
        expect(prediction.warnings).toContain('Teacher-forced: the answer was given, not generated.');
        const middle = {
          seg: ['QueryProjector'],
          points: ['PointPrompter'],
          both: ['PointPrompter', 'QueryProjector'],
        };
        const kind =
          id === 'read/points' ? 'points' : id === 'read/full' || id === 'read/seg-points' ? 'both' : 'seg';
        expect(slotsOf(prediction)).toEqual([
          'VisionEncoder',
          'LanguageModel',
          // It begins when [SEG] is written.
          'Encoder',
          ...middle[kind],
          'MaskDecoder',
          'Assembler',
        ]);
        const { evidence } = prediction.segments[0] ?? {};
        expect(evidence !== undefined).toBe(kind !== 'seg');
        if (evidence === undefined) continue;
        expect(evidence.map).toMatchObject({ kind: 'similarity', rows: 16, columns: 16 });
        const { xy = [], labels = [] } = evidence.points ?? {};
        expect(labels.length).toBeGreaterThan(0);
        for (let i = 0; i < labels.length; i++) {
          expect(xy[2 * i]).toBeGreaterThanOrEqual(0);
          expect(xy[2 * i]).toBeLessThanOrEqual(width - 1);
          expect(xy[2 * i + 1]).toBeLessThanOrEqual(height - 1);
        }
      }
    });

    it('refuses without a mask and without the mask encoder', async () => {
      await using pipeline = await forced(recipe, 'No, it is not there.');
      const prediction = await pipeline.segment(fakeImage(160, 96), ASK);
      expect(prediction).toMatchObject({
        answer: 'No, it is not there.',
        segments: [],
        outcome: 'refused',
      });
      expect(slotsOf(prediction)).toEqual(['VisionEncoder', 'LanguageModel']);
    });

    it('answers by itself, the same twice', async () => {
      await using pipeline = await compose(recipe).on(source).build();
      const [first, second] = [
        await pipeline.segment(fakeImage(128, 128), ASK),
        await pipeline.segment(fakeImage(128, 128), ASK),
      ];
      expect(second.answer).toBe(first.answer);
      expect(second.segments.map((s) => s.mask)).toEqual(first.segments.map((s) => s.mask));
      expect(
        first.stages.every(
          (stage) => stage.device === (['PointPrompter', 'Assembler'].includes(stage.slot) ? 'js' : 'cpu'),
        ),
      ).toBe(true);
    });
  },
);

describe('several [SEG] in one answer', () => {
  const ANSWER = 'the red disc [SEG] and the blue corner [SEG].';

  it.each(RECIPES.filter((r) => r !== single).map((r) => [r.name, r] as const))(
    '%s gives one named mask each',
    async (_, recipe) => {
      await using pipeline = await forced(recipe, ANSWER);
      const prediction = await pipeline.segment(fakeImage(160, 96), ASK);
      expect(prediction.segments.map((s) => s.label)).toEqual(['the red disc', 'the blue corner']);
    },
  );

  it('single decodes the first and says so', async () => {
    await using pipeline = await forced(single, ANSWER);
    const { segments, warnings } = await pipeline.segment(fakeImage(160, 96), ASK);
    await using one = await forced(single, 'the red disc [SEG].');
    const alone = await one.segment(fakeImage(160, 96), ASK);
    expect(segments.map((s) => s.label)).toEqual([ASK.text]);
    expect(segments[0]?.mask).toEqual(alone.segments[0]?.mask);
    expect(warnings).toContainEqual(expect.stringContaining('only the first becomes a mask'));
  });
});

describe('withSasP', () => {
  it('adds points to a stacked <SEG> recipe and keeps its models', async () => {
    const recipe = withSasP(single, { preset: 'read-7b', count: 5 });
    await using plain = await forced(single, ACCEPT);
    await using pointed = await forced(recipe, ACCEPT);
    expect(pointed.describe()).toMatchObject({
      id: 'stacked-seg/single-sasp',
      bundleRecipe: 'stacked-seg/single',
    });
    const image = fakeImage(160, 96);
    const [without, withPoints] = [await plain.segment(image, ASK), await pointed.segment(image, ASK)];
    expect(slotsOf(withPoints)).toContain('PointPrompter');
    expect(without.segments[0]?.evidence).toBeUndefined();
    expect(withPoints.segments[0]?.evidence?.points?.labels).toHaveLength(5);
  });

  it('equals read/seg-points where the weights are those of read/seg-points', async () => {
    const over: AnyRecipe = { ...withSasP(seg, { name: 'over' }), bundleRecipe: 'read/seg-points' };
    const [a, b] = await Promise.all(
      [over, segPoints].map((recipe) =>
        compose(recipe)
          .with(LanguageModel, llavaLanguageModel({ forcedAnswer: ACCEPT }))
          .with(Assembler, thresholdAssembler({ threshold: -3 }))
          .on(source)
          .build(),
      ),
    );
    const image = fakeImage(96, 160);
    const [one, two] = [await a!.segment(image, ASK), await b!.segment(image, ASK)];
    expect(one.segments.map((s) => s.mask)).toEqual(two.segments.map((s) => s.mask));
    expect(one.segments[0]?.evidence).toEqual(two.segments[0]?.evidence);
    await Promise.all([a!.dispose(), b!.dispose()]);
  });

  it('refuses recipes that are not <SEG> recipes or have points', () => {
    const call = (recipe: AnyRecipe) => () => withSasP(recipe as unknown as typeof single);
    expect(call(points)).toThrow(/not a <SEG> recipe/);
    expect(call(full)).toThrow(/already/);
  });
});

describe('swaps', () => {
  it.each([
    ['top-k', topKPoints({ positives: 2, negatives: 1 }), 3],
    ['none', noPoints(), 0],
    [
      'the released preset',
      similarityAsPoints({
        preset: 'read-13b',
        geometry: 'compat',
        discreteToContinuous: { distance: 'squared' },
      }),
      60,
    ],
  ] as const)('points by %s in read/full', async (_, spec, count) => {
    await using pipeline = await compose(full as AnyRecipe)
      .with(PointPrompter, spec)
      .with(LanguageModel, llavaLanguageModel({ forcedAnswer: ACCEPT }))
      .with(Assembler, thresholdAssembler({ threshold: -1e9 }))
      .on(source)
      .build();
    const prediction = await pipeline.segment(fakeImage(160, 96), ASK);
    expect(prediction.segments[0]?.evidence?.points?.labels).toHaveLength(count);
  });

  it('no points is refused where points are all there is', async () => {
    const build = compose(points as AnyRecipe)
      .with(PointPrompter, noPoints())
      .on(source)
      .build();
    await expect(build).rejects.toMatchObject({ code: 'STAGE_MISMATCH' });
  });
});

describe('comparing all recipes', () => {
  it('runs each encoder once per image', async () => {
    const pipelines = await Promise.all(RECIPES.map((recipe) => forced(recipe, ACCEPT)));
    const cache = createFeatureCache({ maxImages: 2 });
    const outcomes = await compare(pipelines, fakeImage(160, 96), ASK, { cache });
    expect(outcomes.map((o) => o.ok)).toEqual(RECIPES.map(() => true));
    expect([cache.misses, cache.hits]).toEqual([2, 2 * RECIPES.length - 2]);
    cache.dispose();
    await Promise.all(pipelines.map((p) => p.dispose()));
  });
});
