import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import {
  Assembler,
  CategoryGenerator,
  compose,
  maskIou,
  PatchAnalyzer,
  type ImageFrame,
  type Pipeline,
  type Prediction,
} from '@maskloom/core';
import { makeScene } from '@maskloom/synth';
import {
  decodeEmbedding,
  panopticAssembler,
  patch,
  patchAnalyzer,
  similarityOverCandidates,
} from '@maskloom/rose';
import { folderBundle, onnx, type OnnxSource } from '@maskloom/runtime';
import { dense, vanilla } from '@maskloom/stacked-seg';

const SHAPES = ['circle', 'square', 'triangle', 'star', 'ring', 'diamond', 'cross', 'crescent'];

function scene(seed: number, width: number, height: number): ImageFrame {
  const { rgb } = makeScene(seed, width, height);
  return { rgb, width, height, sha256: `scene ${seed} ${width} ${height}` };
}
const grey: ImageFrame = {
  width: 96,
  height: 96,
  rgb: new Uint8Array(96 * 96 * 3).fill(128),
  sha256: 'grey',
};
const images = [scene(8_920_000, 128, 128), scene(8_920_001, 160, 96), grey, scene(8_920_002, 96, 160)];

let models: OnnxSource;
let pipeline: Pipeline;
beforeAll(async () => {
  models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1, keepOpen: true });
  pipeline = await compose(patch).on(models).build();
});
afterAll(async () => {
  await pipeline.dispose();
  await models.dispose();
});
const bare = ({ answer, segments, evidence }: Prediction) => ({ answer, segments, evidence });

describe('rose/patch without a list of classes', () => {
  it('gives several images at once what each gives alone, none found included', async () => {
    const never = await compose(patch)
      .with(PatchAnalyzer, patchAnalyzer({ minObjectness: 1 }))
      .on(models)
      .build();
    const alone: Prediction[] = [];
    for (const image of images) alone.push(await pipeline.segment(image, { task: 'free' }));
    const [together, none] = await Promise.all([
      Promise.all(images.map((image) => pipeline.segment(image, { task: 'free' }))),
      never.segment(images[0] ?? grey, { task: 'free' }),
    ]);
    together.forEach((prediction, i) => {
      const { stages: _stages, ...own } = alone[i] ?? prediction;
      expect(bare(prediction)).toEqual(bare({ ...own, stages: [] }));
    });
    expect(none.segments).toEqual([]);
    expect(none.stages.map(({ slot }) => slot)).not.toContain('MaskDecoder');
    expect(new Set(together.map(({ segments }) => segments.length)).size).toBeGreaterThan(1);
    await never.dispose();
  });

  it('shows the answer growing, and ends with it', async () => {
    const texts: string[] = [];
    const listen = ({ text }: { text: string }): void => void texts.push(text);
    pipeline.events.on('text', listen);
    const { answer } = await pipeline.segment(images[0] ?? grey, { task: 'free' });
    pipeline.events.off('text', listen);
    expect(texts.at(-1)).toBe(answer);
    texts.slice(1).forEach((text, i) => expect(text.startsWith(texts[i] ?? '?')).toBe(true));
  });

  it('separates instances, and merges names for semantics into segments that do not overlap', async () => {
    const image = images[0] ?? grey;
    const { segments } = await pipeline.segment(image, { task: 'semantic' });
    const names = segments.map(({ label }) => label);
    expect(new Set(names).size).toBe(names.length);
    for (const [i, a] of segments.entries())
      for (const b of segments.slice(i + 1)) expect(maskIou(a.mask, b.mask)).toBe(0);
    const instances = await pipeline.segment(image, { task: 'instance' });
    for (const { evidence, score } of instances.segments)
      expect(evidence?.patch?.objectness).toBeCloseTo(score, 6);
  });

  it('looks only where a region is pointed at', async () => {
    const box = { frame: 'ImagePx', x: 64, y: 0, width: 64, height: 64 } as const;
    const { evidence } = await pipeline.segment(images[0] ?? grey, { task: 'free', prompts: [{ box }] });
    for (const { row, column } of evidence?.patches ?? []) {
      expect(row).toBeLessThan(8);
      expect(column).toBeGreaterThanOrEqual(8);
    }
  });

  it('names only labels of the request, by similarity or by writing and mapping', async () => {
    const image = images[0] ?? grey;
    const near = await pipeline.segment(image, { task: 'instance', labels: SHAPES });
    expect(SHAPES).toEqual(expect.arrayContaining(near.segments.map(({ label }) => label)));
    await using written = await compose(patch).with(CategoryGenerator, decodeEmbedding()).on(models).build();
    const free = await written.segment(image, { task: 'instance' });
    const mapped = await written.segment(image, { task: 'instance', labels: SHAPES });
    expect(mapped.segments.map(({ label }) => label)).toEqual(
      free.segments.map(({ label }) => label).filter((label) => SHAPES.includes(label)),
    );
    await using chosen = await compose(patch)
      .with(CategoryGenerator, similarityOverCandidates())
      .on(models)
      .build();
    await expect(chosen.segment(image, { task: 'instance' })).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
  });

  it('refers to at most one thing, named by the phrase', async () => {
    const { segments } = await pipeline.segment(images[0] ?? grey, { task: 'referring', text: 'the star' });
    expect(segments.length).toBeLessThanOrEqual(1);
    for (const { label } of segments) expect(label).toBe('the star');
  });

  it('can be panoptic by one swap', async () => {
    await using panoptic = await compose(patch).with(Assembler, panopticAssembler()).on(models).build();
    const { segments } = await panoptic.segment(images[1] ?? grey, { task: 'free' });
    for (const [i, a] of segments.entries())
      for (const b of segments.slice(i + 1)) expect(maskIou(a.mask, b.mask)).toBe(0);
  });

  it('holds no tensor between images', async () => {
    const own = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1 });
    const built = await compose(patch).on(own).build();
    await built.segment(images[0] ?? grey, { task: 'free' });
    const before = (await own.open('rose/patch')).liveTensors;
    for (const image of images) await built.segment(image, { task: 'free' });
    expect((await own.open('rose/patch')).liveTensors).toBe(before);
    await built.dispose();
    await own.dispose();
  });
});

describe.each([vanilla, dense].map((recipe) => [recipe.name, recipe] as const))(
  'stacked-seg/%s',
  (_, recipe) => {
    it('answers every task of free vocabulary', async () => {
      const source = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1 });
      const known = await source.open(`stacked-seg/${recipe.name}`).then(
        () => true,
        () => false,
      );
      if (!known) {
        // The dense stack is a row of an ablation; its weights are not in the embedded bundle.
        expect(recipe).toBe(dense);
        return source.dispose();
      }
      await using stacked = await compose(recipe).on(source).build();
      for (const task of ['free', 'instance', 'semantic'] as const) {
        const { answer, segments } = await stacked.segment(images[1] ?? grey, { task });
        if (segments.length > 0) expect(answer).toContain('[SEG]');
        for (const { score } of segments) expect(score >= 0 && score <= 1).toBe(true);
      }
      return source.dispose();
    });
  },
);
