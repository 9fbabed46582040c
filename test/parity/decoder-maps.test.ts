import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  compose,
  Assembler,
  LanguageModel,
  MaskDecoder,
  type FeatureMap,
  type ModelHost,
  type Tensor,
} from '@maskloom/core';
import { fakeImage, fakeRun } from '@maskloom/core/conformance';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { llavaLanguageModel } from '@maskloom/llava';
import { full, maps, withSasP } from '@maskloom/read';
import { folderBundle, onnx, type OnnxSource } from '@maskloom/runtime';
import { samEncoder, samMaskDecoder, samSimilarityDecoder, thresholdAssembler } from '@maskloom/sam';
import { single } from '@maskloom/stacked-seg';

/** Against PyTorch (`training/golden/make_decoder_maps_golden.py`), whose inputs are the formulas here. */
const golden = JSON.parse(readFileSync(new URL('./golden/decoder-maps.json', import.meta.url), 'utf8')) as {
  readonly model: string;
  readonly sha256: string;
  readonly cases: readonly {
    readonly prompt: 'embedding alone' | 'embedding and points';
    readonly token: 'embedding' | 'released';
    readonly map: readonly number[];
  }[];
};
const TOLERANCE = 1e-4;

let source: OnnxSource;
let models: ModelHost;
beforeAll(async () => {
  source = onnx({
    bundle: folderBundle(fileURLToPath(bundleDirectory)),
    device: 'cpu',
    threads: 1,
    keepOpen: true,
  });
  models = await source.open('read/full');
});
afterAll(async () => {
  await models.dispose();
  await source.dispose();
});

const numbers = (dims: readonly number[], step: number): Tensor => {
  const length = dims.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length }, (_, i) => ((i * step) % 2003) / 1001.5 - 1);
  return { dtype: 'float32', dims, read: async () => values.slice(), release: () => undefined };
};
const context = () => ({ models, signal: new AbortController().signal, warn: () => undefined });
const farthest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] ?? NaN))));

it('has golden values of the decoder that the bundle holds now', () => {
  const manifest = JSON.parse(readFileSync(new URL('bundle.json', bundleDirectory), 'utf8')) as {
    models: Record<string, { sha256: string }>;
  };
  expect(manifest.models[golden.model]?.sha256).toBe(golden.sha256);
});

it('compares the token with the image tokens as PyTorch does, and leaves the masks as they are', async () => {
  const run = fakeRun({ scope: models.scope() });
  const seen = await (await samEncoder().create(context())).encode(fakeImage(160, 96), run);
  const [rows, columns, width] = [seen.rows, seen.columns, seen.width];
  const features: FeatureMap = { ...seen, tensor: numbers([1, width, rows, columns], 7919) };
  const embeddings = numbers([2, 1, width], 613);
  const prompts = {
    'embedding alone': { embedding: { tensor: embeddings, row: 0 } },
    'embedding and points': {
      embedding: { tensor: embeddings, row: 1 },
      points: { frame: 'SamPx', xy: Float32Array.of(40, 30, 90, 20), labels: Int8Array.of(1, 0) },
    },
    points: { points: { frame: 'SamPx', xy: Float32Array.of(40, 30), labels: Int8Array.of(1) } },
  } as const;
  expect(golden.cases).toHaveLength(4);
  for (const { prompt, token, map } of golden.cases) {
    const decoder = await samSimilarityDecoder({ token }).create(context());
    const asked = [prompts.points, prompts[prompt]];
    const decoded = await decoder.decode(features, asked, run);
    const found = decoded.similarity?.[1];
    expect(found, prompt).toMatchObject({ kind: 'similarity', rows: 10, columns: 16 });
    // Ten of 16 cells of 8 pixels, at 77 pixels for 96: the last reaches past the picture's edge.
    expect(farthest(found?.covers ?? [], [0, 0, 160, (80 * 96) / 77])).toBeLessThan(1e-9);
    expect(farthest(found?.values ?? [], map), `${prompt}, ${token}`).toBeLessThan(TOLERANCE);
    expect(decoded.similarity?.[0] === undefined, 'points alone have no embedding').toBe(
      token === 'embedding',
    );
    const plain = await (await samMaskDecoder().create(context())).decode(features, asked, run);
    expect(decoded.logits).toEqual(plain.logits);
    expect(plain.similarity).toBeUndefined();
  }
  run.scope.release();
});

it('gives a recipe both maps of each segment, whoever puts the points there', async () => {
  const ask = { task: 'referring', text: 'the star' } as const;
  const over = compose(withSasP(single)).with(MaskDecoder, samSimilarityDecoder());
  for (const builder of [compose(maps), over, compose(full)]) {
    await using pipeline = await builder
      .with(LanguageModel, llavaLanguageModel({ forcedAnswer: 'It is [SEG].' }))
      .with(Assembler, thresholdAssembler({ threshold: -1e9 }))
      .on(source)
      .build();
    const [segment] = (await pipeline.segment(fakeImage(96, 160), ask)).segments;
    expect(segment?.evidence?.map).toMatchObject({ rows: 16, columns: 16 });
    expect(segment?.evidence?.points?.labels.length).toBeGreaterThan(0);
    const side = { kind: 'similarity', rows: 16, columns: 10 };
    if (builder.recipe.name === 'full') expect(segment?.evidence?.decoderMap).toBeUndefined();
    else expect(segment?.evidence?.decoderMap).toMatchObject(side);
  }
});

it('is refused when a pipeline is built, where the decoder does not give its tokens', async () => {
  const others = await source.open('sam/prompted');
  const build = async () => samSimilarityDecoder().create({ ...context(), models: others });
  await expect(build()).rejects.toMatchObject({ code: 'STAGE_MISMATCH' });
  await others.dispose();
});
