import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Assembler,
  compose,
  decodeMask,
  recipeId,
  type AnyRecipe,
  type ImageFrame,
  type Prediction,
  type Segment,
} from '@maskloom/core';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { makeScene } from '@maskloom/synth';
import { folderBundle, onnx, type OnnxSource } from '@maskloom/runtime';
import { alongRegions, patch, super2x2, super3x3, taskAssembler } from '@maskloom/rose';
import { dense, stackedAssembler, vanilla } from '@maskloom/stacked-seg';

/**
 * Free vocabulary against the training kit's PyTorch pipeline (`python -m maskloom_training.rose.parity`) on held-out
 * scenes, square and not: the same patches decoded, the same patches kept, names and answers letter by letter, masks that
 * differ only where PyTorch's own logit is within `near` of the threshold.
 */
const GOLDEN = new URL('./golden/rose/', import.meta.url);
const BUNDLES = [
  fileURLToPath(bundleDirectory),
  fileURLToPath(new URL('../../packages/bundle-ablations/bundle', import.meta.url)),
];
const RECIPES: readonly AnyRecipe[] = [patch, super2x2, super3x3, alongRegions, vanilla, dense];
const MIN_IOU = 0.995;
/** The kit's file keeps six decimals; batches and single images round differently. */
const SCORE_TOLERANCE = 1e-3;
const GRID = 16;

interface GoldenSegment {
  readonly patch: number;
  readonly name: string;
  readonly score: number;
  readonly mask: string;
  readonly near: string;
}
interface GoldenResult {
  readonly answer: string;
  readonly candidates: readonly number[];
  readonly segments: readonly GoldenSegment[];
}
interface Golden {
  readonly recipe: string;
  readonly models: Readonly<Record<string, string>>;
  readonly results: readonly GoldenResult[];
}
interface Case {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly pixelsSha256: string;
}
interface Manifest {
  readonly models: Readonly<Record<string, { readonly sha256: string }>>;
  readonly recipes: Readonly<Record<string, unknown>>;
}

const read = <T>(url: URL): T => JSON.parse(readFileSync(url, 'utf8')) as T;
const { cases } = read<{ cases: readonly Case[] }>(new URL('cases.json', GOLDEN));
const goldens = readdirSync(GOLDEN)
  .filter((name) => name.endsWith('.json') && name !== 'cases.json')
  .map((name) => read<Golden>(new URL(name, GOLDEN)));

/** The bundle that holds the models that a golden file was made with, and its manifest. */
function bundleOf({
  recipe,
  models,
}: Golden): { readonly folder: string; readonly manifest: Manifest } | undefined {
  for (const folder of BUNDLES) {
    if (!existsSync(`${folder}/bundle.json`)) continue;
    const manifest = JSON.parse(readFileSync(`${folder}/bundle.json`, 'utf8')) as Manifest;
    const same = Object.entries(models).every(([id, sha256]) => manifest.models[id]?.sha256 === sha256);
    if (manifest.recipes[recipe] !== undefined && same) return { folder, manifest };
  }
  return undefined;
}

/** The case's scene, drawn again; the kit read the same pixels from disk. */
function imageOf({ seed, width, height, pixelsSha256 }: Case): ImageFrame {
  const { rgb } = makeScene(seed, width, height);
  const sha256 = createHash('sha256').update(rgb).digest('hex');
  expect(sha256, `scene ${seed} of ${width} x ${height}`).toBe(pixelsSha256);
  return { width, height, rgb, sha256 };
}

function expectMask(segment: Segment, golden: GoldenSegment, where: string): void {
  const own = decodeMask(segment.mask).pixels;
  const { size } = segment.mask;
  const reference = decodeMask({ size, counts: golden.mask }).pixels;
  const near = decodeMask({ size, counts: golden.near }).pixels;
  let [both, either, sure] = [0, 0, 0];
  own.forEach((value, p) => {
    if (value === 1 && reference[p] === 1) both++;
    if (value === 1 || reference[p] === 1) either++;
    if (value !== reference[p] && near[p] === 0) sure++;
  });
  expect(either === 0 ? 1 : both / either, where).toBeGreaterThanOrEqual(MIN_IOU);
  expect(sure, `${where}: pixels that differ away from the threshold`).toBe(0);
}

function expectSame(prediction: Prediction, golden: GoldenResult, where: string): void {
  expect(prediction.answer, where).toBe(golden.answer);
  // Objectness that is equal to six digits may be ordered otherwise; what is decoded must be the same.
  const fired = prediction.evidence?.patches?.map(({ row, column }) => row * GRID + column) ?? [];
  expect(
    fired.toSorted((a, b) => a - b),
    where,
  ).toEqual(golden.candidates.toSorted((a, b) => a - b));
  expect(
    prediction.segments.map(({ label }) => label),
    where,
  ).toEqual(golden.segments.map(({ name }) => name));
  prediction.segments.forEach((segment, k) => {
    const expected = golden.segments[k];
    if (expected === undefined) return;
    const { patch: own } = segment.evidence ?? {};
    expect(own === undefined ? -1 : own.row * GRID + own.column, where).toBe(expected.patch);
    expect(Math.abs(segment.score - expected.score), where).toBeLessThan(SCORE_TOLERANCE);
    expectMask(segment, expected, `${where}, ${segment.label}`);
  });
}

it('has at least 50 scenes, some of them not square', () => {
  expect(cases.length).toBeGreaterThanOrEqual(50);
  expect(cases.some(({ width, height }) => width > height)).toBe(true);
  expect(cases.some(({ width, height }) => width < height)).toBe(true);
  expect(goldens.map(({ recipe }) => recipe)).toContain(recipeId(patch));
});

describe.each(goldens.map((golden) => [golden.recipe, golden] as const))('%s', (id, golden) => {
  let source: OnnxSource | undefined;
  const bundle = bundleOf(golden);
  beforeAll(() => {
    if (bundle !== undefined)
      source = onnx({ bundle: folderBundle(bundle.folder), device: 'cpu', threads: 1 });
  });
  afterAll(() => source?.dispose());

  it('has golden values of the models that a bundle holds now', () => {
    expect(bundle, `${id}: run the kit's parity command again`).toBeDefined();
  });

  it('patches, names, answers and masks as PyTorch does', async () => {
    const recipe = RECIPES.find((one) => recipeId(one) === id);
    if (recipe === undefined || source === undefined)
      throw new Error(`There is no recipe or bundle for ${id}.`);
    // Everything that survives, as average precision takes it, and empty masks as well.
    const assembler =
      recipe.system === 'rose'
        ? taskAssembler({ instance: { minScore: 0, minArea: 0 } })
        : stackedAssembler({ minArea: 0 });
    await using pipeline = await compose(recipe).with(Assembler, assembler).on(source).build();
    let masks = 0;
    for (const [i, scene] of cases.entries()) {
      const prediction = await pipeline.segment(imageOf(scene), { task: 'free' });
      const reference = golden.results[i];
      if (reference === undefined) throw new Error(`There is no result for case ${i}.`);
      expectSame(prediction, reference, `scene ${scene.seed} of ${scene.width} x ${scene.height}`);
      masks += prediction.segments.length;
    }
    expect(masks).toBeGreaterThan(cases.length);
  });
});
