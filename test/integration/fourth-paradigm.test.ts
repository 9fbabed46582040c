import { describe, expect, it } from 'vitest';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import {
  compose,
  encodeMask,
  maskIou,
  type ModelHost,
  type ModelSource,
  type Prediction,
} from '@maskloom/core';
import { defineRefineRecipe, type Paradigm } from '@maskloom/refine';
import { folderBundle, onnx } from '@maskloom/runtime';
import { makeScene } from '@maskloom/synth';

/** A fourth way of showing a previous mask: the tower sees it as a plane, its left half only. */
const leftHalf: Paradigm = {
  name: 'left-half',
  summary: 'the left half of the previous mask as a fourth plane',
  planes: 4,
  show: ({ image }) => image,
  plane: ({ mask }) =>
    mask && { ...mask, pixels: mask.pixels.map((set, i) => (i % mask.width < mask.width / 2 ? set : 0)) },
};

/** The tiny bundle's refiner, said to be trained for the fourth paradigm; notes what its tower is shown. */
function trainedFor(paradigm: string, models: ModelSource, shown: Float32Array[]): ModelSource {
  return {
    async open(_, signal) {
      const host = await models.open('refine/concat', signal);
      const own: Partial<ModelHost> = {
        preset: (group) =>
          group === 'refine' ? { ...(host.preset(group) as object), paradigm } : host.preset(group),
        async model(role) {
          const session = await host.model(role);
          if (role !== 'siglipTower') return session;
          const run: typeof session.run = (feeds, options) => {
            const { data } = feeds['pixel_values'] as { data: Float32Array };
            shown.push(data.slice(3 * (data.length / 4)));
            return session.run(feeds, options);
          };
          return bound(session, { run });
        },
      };
      return bound(host, own);
    },
  };
}

/** An object with some members of its own; all others are the inner one's. */
function bound<T extends object>(inner: T, own: Partial<T>): T {
  return new Proxy(inner, {
    get(target, key) {
      const value: unknown = Reflect.get(key in own ? own : target, key);
      return typeof value === 'function' && !(key in own) ? value.bind(target) : value;
    },
  });
}

describe('a fourth paradigm, from outside', () => {
  it('is one value: its recipe refines, and its tower sees what it shows', async () => {
    const { rgb, labels, things } = makeScene(8_950_109, 128, 128);
    const image = { width: 128, height: 128, rgb, sha256: 'fourth' };
    const [thing] = [...things].sort((a, b) => b.area - a.area);
    const truth = encodeMask(
      Uint8Array.from(labels, (id) => (id === thing?.id ? 1 : 0)),
      128,
      128,
    );
    const [x = 0, y = 0, width = 0, height = 0] = thing?.bbox ?? [];
    const holed = Uint8Array.from(labels, (id, i) => (id === thing?.id && i % 128 < x + 0.7 * width ? 1 : 0));
    const mask = encodeMask(holed, 128, 128);
    const area = holed.reduce((sum, set) => sum + set, 0);
    const before: Prediction = {
      system: 'any',
      recipe: 'one',
      request: { task: 'free' },
      answer: '',
      segments: [{ label: 'thing', score: 1, bbox: [x, y, width, height], area, mask }],
      stages: [],
      warnings: [],
    };
    const shown: Float32Array[] = [];
    await using models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1 });
    const recipe = defineRefineRecipe(leftHalf, 'outsider');
    await using pipeline = await compose(recipe)
      .on(trainedFor('left-half', models, shown))
      .build();
    expect(pipeline.id).toBe('outsider/left-half');
    const refined = await pipeline.refine(image, before, { say: 'the mask is incomplete' });
    expect(refined.stages.map(({ slot, stage }) => `${slot} ${stage}`)).toEqual(
      expect.arrayContaining([
        'Refiner outsider/left-half',
        'LanguageModel llava/onevision-language-model',
        'PatchAnalyzer rose/patch-analyzer',
        'Encoder sam/encoder',
        'MaskDecoder sam/mask-decoder',
      ]),
    );
    expect(maskIou(refined.segments[0]?.mask ?? mask, truth)).toBeGreaterThan(maskIou(mask, truth));
    const [plane] = shown;
    const side = Math.sqrt(plane?.length ?? 0);
    expect(plane?.some((set, i) => set === 1 && i % side < side / 2)).toBe(x < 64);
    expect(plane?.every((set, i) => set === 0 || i % side < side / 2)).toBe(true);
    await expect(
      compose(recipe)
        .on(trainedFor('concat', models, shown))
        .build(),
    ).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
    });
  });
});
