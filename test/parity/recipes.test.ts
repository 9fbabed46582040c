import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  compose,
  createFeatureCache,
  decodeMask,
  recipeId,
  Assembler,
  LanguageModel,
  type AnyRecipe,
  type FeatureCache,
  type ImageFrame,
  type Segment,
} from '@maskloom/core';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { makeScene } from '@maskloom/synth';
import { llavaLanguageModel } from '@maskloom/llava';
import { full, points, seg, segPoints } from '@maskloom/read';
import { folderBundle, onnx, type OnnxSource } from '@maskloom/runtime';
import { thresholdAssembler } from '@maskloom/sam';
import { several, single } from '@maskloom/stacked-seg';

/**
 * Every recipe against the training kit's PyTorch pipeline (`python -m maskloom_training.parity`): answers, points
 * and masks of held-out scenes, square and not. Masks may differ only where PyTorch's own logit is within
 * `near` of the threshold.
 */
const GOLDEN = new URL('./golden/', import.meta.url);
const RECIPES: readonly AnyRecipe[] = [single, several, seg, points, segPoints, full];
const MIN_IOU = 0.995;
/** PyTorch works out points in float32 throughout; the file keeps four decimals. */
const POINT_TOLERANCE_PX = 0.01;

interface Case {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly pixelsSha256: string;
  readonly texts: readonly string[];
}
interface GoldenSegment {
  readonly mask: string;
  readonly near: string;
  readonly points?: readonly (readonly [x: number, y: number, label: number])[];
}
interface GoldenAnswer {
  readonly answer: string;
  readonly segs: readonly GoldenSegment[];
}
interface GoldenRecipe {
  readonly recipe: string;
  readonly models: Readonly<Record<string, string>>;
  readonly results: readonly (readonly GoldenAnswer[])[];
}

const read = <T>(file: string): T => JSON.parse(readFileSync(new URL(file, GOLDEN), 'utf8')) as T;
const { cases } = read<{ cases: readonly Case[] }>('cases.json');
const manifest = JSON.parse(readFileSync(new URL('bundle.json', bundleDirectory), 'utf8')) as {
  models: Record<string, { sha256: string }>;
};

/** The case's scene, drawn again; the kit read the same pixels from disk. */
function imageOf({ seed, width, height, pixelsSha256 }: Case): ImageFrame {
  const { rgb } = makeScene(seed, width, height);
  const sha256 = createHash('sha256').update(rgb).digest('hex');
  expect(sha256, `scene ${seed} of ${width} x ${height}`).toBe(pixelsSha256);
  return { width, height, rgb, sha256 };
}

/** IoU of two masks, and how many of their differing pixels PyTorch was sure about. */
function differences(segment: Segment, golden: GoldenSegment): { iou: number; sure: number } {
  const own = decodeMask(segment.mask).pixels;
  const { size } = segment.mask;
  const reference = decodeMask({ size, counts: golden.mask }).pixels;
  const near = decodeMask({ size, counts: golden.near }).pixels;
  let both = 0;
  let either = 0;
  let sure = 0;
  own.forEach((value, i) => {
    if (value === 1 && reference[i] === 1) both++;
    if (value === 1 || reference[i] === 1) either++;
    if (value !== reference[i] && near[i] === 0) sure++;
  });
  return { iou: either === 0 ? 1 : both / either, sure };
}

let source: OnnxSource;
let cache: FeatureCache;
beforeAll(() => {
  source = onnx({
    bundle: folderBundle(fileURLToPath(bundleDirectory)),
    device: 'cpu',
    threads: 1,
    keepOpen: true,
  });
  cache = createFeatureCache({ maxImages: cases.length });
});
afterAll(async () => {
  cache.dispose();
  await source.dispose();
});

it('has at least 50 scenes, some of them not square', () => {
  expect(cases.length).toBeGreaterThanOrEqual(50);
  expect(cases.some(({ width, height }) => width > height)).toBe(true);
  expect(cases.some(({ width, height }) => width < height)).toBe(true);
});

describe.each(RECIPES.map((recipe) => [recipeId(recipe), recipe] as const))('%s', (id, recipe) => {
  const golden = read<GoldenRecipe>(`${id.replace('/', '-')}.json`);

  it('has golden values of the models that the bundle holds now', () => {
    expect(golden.recipe).toBe(id);
    for (const [model, sha256] of Object.entries(golden.models)) {
      expect(manifest.models[model]?.sha256, `${model}: run the kit's parity command again`).toBe(sha256);
    }
  });

  it('answers, points and masks as PyTorch does', async () => {
    await using pipeline = await compose(recipe)
      .with(LanguageModel, llavaLanguageModel({ keepImages: 1 }))
      .with(Assembler, thresholdAssembler({ minArea: 0 }))
      .on(source)
      .build();
    let masks = 0;
    for (const [i, scene] of cases.entries()) {
      const image = imageOf(scene);
      for (const [j, text] of scene.texts.entries()) {
        const where = `scene ${scene.seed} of ${scene.width} x ${scene.height}, "${text}"`;
        const reference = golden.results[i]?.[j];
        const prediction = await pipeline.segment(image, { task: 'referring', text }, { cache });
        expect(prediction.answer, where).toBe(reference?.answer.trim());
        // The reference decodes every [SEG]; `single` is trained for one and takes the first.
        const decoded = reference?.segs.slice(0, recipe === single ? 1 : undefined);
        expect(prediction.segments.length, where).toBe(decoded?.length);
        for (const [k, segment] of prediction.segments.entries()) {
          const expected = decoded?.[k];
          if (expected === undefined) continue;
          const { iou, sure } = differences(segment, expected);
          expect(iou, where).toBeGreaterThanOrEqual(MIN_IOU);
          expect(sure, `${where}: pixels that differ away from the threshold`).toBe(0);
          masks++;
          const own = segment.evidence?.points;
          expect(own?.labels.length ?? 0, where).toBe(expected.points?.length ?? 0);
          expected.points?.forEach(([x, y, label], p) => {
            expect(own?.labels[p], where).toBe(label);
            expect(Math.abs((own?.xy[2 * p] ?? NaN) - x), where).toBeLessThan(POINT_TOLERANCE_PX);
            expect(Math.abs((own?.xy[2 * p + 1] ?? NaN) - y), where).toBeLessThan(POINT_TOLERANCE_PX);
          });
        }
      }
    }
    expect(masks).toBeGreaterThan(cases.length / 2);
  });
});
