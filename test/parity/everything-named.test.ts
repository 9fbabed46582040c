import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maskNames } from '@maskloom/clip';
import { compose, encodeMask, recipeId, type ImageFrame, type MaskSet } from '@maskloom/core';
import { fakeRun } from '@maskloom/core/conformance';
import { hubBundle } from '@maskloom/hub';
import { onnx, type OnnxSource } from '@maskloom/runtime';
import { everythingNamedWith, everythingWith } from '@maskloom/sam';
import { FixtureHub, wordTokenizer } from '../../packages/hub/src/fixture-hub.test.helper.js';

/**
 * `sam/everything-named` against the same arithmetic in PyTorch on Hugging Face's classes with random weights
 * (`training/golden/make_named_golden.py`): tokens pooled under masks and crops around them, CLIP and SigLIP, pictures that
 * are wide and tall; and with its models in several bundles, pulled from a hub.
 */
const TOLERANCE = 1e-4;

interface Golden {
  readonly words: Readonly<Record<string, number>>;
  readonly labels: readonly string[];
  readonly templates: readonly string[];
  readonly temperature: number;
  readonly margin: number;
  readonly cases: readonly {
    readonly tower: 'clip' | 'siglip';
    readonly way: string;
    readonly width: number;
    readonly height: number;
    readonly ellipses: readonly (readonly [number, number, number, number])[];
    readonly names: readonly string[];
    readonly scores: readonly number[];
  }[];
}
const golden = JSON.parse(
  readFileSync(new URL('golden/everything-named.json', import.meta.url), 'utf8'),
) as Golden;

const hub = new FixtureHub();
const sources = new Map<string, OnnxSource>();
beforeAll(async () => {
  await hub.server.start();
  hub.serve('sam');
  for (const name of ['clip', 'siglip']) hub.serve(name, wordTokenizer(golden.words));
});
afterAll(async () => {
  await Promise.all([...sources.values()].map((source) => source.dispose()));
  await hub.stop();
});

/** One source of the bundles of these repositories, opened once. */
function open(...names: readonly string[]): OnnxSource {
  const known = sources.get(names.join());
  if (known !== undefined) return known;
  const bundle = names.map((name) => hubBundle(`test/${name}`, { settings: hub.settings() }));
  const source = onnx({ bundle, device: 'cpu', threads: 1, keepOpen: true });
  sources.set(names.join(), source);
  return source;
}

function picture(width: number, height: number): ImageFrame {
  const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return x * (5 + c) + y * (3 + 2 * c) + ((Math.floor(x / 6) + Math.floor(y / 5)) % 3) * 70;
  });
  return { width, height, rgb, sha256: `${width}x${height}` };
}

function masksOf({ width, height, ellipses }: Golden['cases'][number]): MaskSet {
  const masks = ellipses.map(([cx, cy, rx, ry]) => {
    const inside = (i: number): number =>
      (((i % width) + 0.5 - cx) / rx) ** 2 + ((Math.floor(i / width) + 0.5 - cy) / ry) ** 2;
    const pixels = Uint8Array.from({ length: width * height }, (_, i) => Number(inside(i) <= 1));
    return encodeMask(pixels, width, height);
  });
  return { image: { width, height }, masks };
}

describe('clip/mask-names', () => {
  it.each(
    golden.cases.map((one) => [`${one.tower}, ${one.way}, ${one.width} x ${one.height}`, one] as const),
  )('names and scores as PyTorch does: %s', async (_, one) => {
    const { templates, temperature, margin } = golden;
    const [by, surroundings] = one.way.split(' ') as ['tokens' | 'crops', ('shown' | 'hidden')?];
    const models = await open(one.tower).open(`${one.tower}/towers`);
    const spec = maskNames({ by, surroundings, templates, temperature, margin });
    const context = { models, signal: new AbortController().signal, warn: () => undefined };
    const stage = await spec.create(context);
    const query = {
      masks: masksOf(one),
      image: picture(one.width, one.height),
      candidates: golden.labels,
    };
    const named = await stage.name(query, fakeRun());
    expect(named.map(({ name }) => name)).toEqual(one.names);
    named.forEach(({ score }, n) => expect(Math.abs(score - one.scores[n]!)).toBeLessThan(TOLERANCE));

    const best = Math.max(...one.scores);
    const strict = maskNames({ ...spec.options, noneBelow: best - 1e-3 });
    const left = await (await strict.create(context)).name(query, fakeRun());
    expect(left.filter(({ none }) => none !== true)).toHaveLength(
      one.scores.filter((score) => score > best - 1e-3).length,
    );
    await models.dispose();
  });
});

describe('sam/everything-named', () => {
  const finding = {
    pointsPerSide: 3,
    predIouThresh: 0,
    stabilityScoreThresh: 0,
    boxNmsThresh: 0.9,
    suppression: 'masks',
  } as const;
  const image = picture(61, 40);

  it.each(['clip', 'siglip'])('names the masks of sam/everything from another bundle (%s)', async (tower) => {
    const source = open('sam', tower);
    await using plain = await compose(everythingWith(finding)).on(source).build();
    const { segments } = await plain.segment(image, { task: 'free' });
    expect(segments.length).toBeGreaterThan(2);
    const recipe = everythingNamedWith({ ...finding, temperature: golden.temperature });
    expect(recipeId(recipe)).toBe('sam/everything-named');
    await using pipeline = await compose(recipe).on(source).build();
    const labels = golden.labels;
    const instances = await pipeline.segment(image, { task: 'instance', labels });
    expect(instances.segments.map(({ mask }) => mask)).toEqual(segments.map(({ mask }) => mask));

    const models = await source.open(`${tower}/towers`);
    const context = { models, signal: new AbortController().signal, warn: () => undefined };
    const stage = await maskNames({ temperature: golden.temperature }).create(context);
    const masks = { image, masks: segments.map(({ mask }) => mask) };
    const names = await stage.name({ masks, image, candidates: labels }, fakeRun());
    expect(instances.segments.map(({ label, score }) => ({ name: label, score }))).toEqual(names);
    await models.dispose();

    const semantic = await pipeline.segment(image, { task: 'semantic', labels });
    const found = semantic.segments.map(({ label }) => label);
    expect(new Set(found).size).toBe(found.length);
    expect(found.every((label) => instances.segments.some((one) => one.label === label))).toBe(true);
  });

  it('says which models are missing', async () => {
    const building = compose(everythingNamedWith()).on(open('sam')).build();
    await expect(building).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringMatching(/clip\/towers.*siglip\/towers/s) as string,
    });
    const unknown = compose(everythingNamedWith({ towers: 'clip/tower' }))
      .on(open('sam', 'clip'))
      .build();
    await expect(unknown).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
  });

  it('asks for labels before it starts', async () => {
    await using pipeline = await compose(everythingNamedWith()).on(open('sam', 'clip')).build();
    await expect(pipeline.segment(image, { task: 'semantic' })).rejects.toMatchObject({
      code: 'VALUE_INVALID',
      message: expect.stringContaining('--labels') as string,
    });
  });
});
