import { describe, expect, it } from 'vitest';
import type { FeatureMap, ImageTransform, PointPrompter, PointQuery, RunContext } from '@maskloom/core';
import { conformanceCases, fakeHost, fakeTensor } from '@maskloom/core/conformance';
import { clipTransform } from '../sasp/geometry.test.helper.js';
import { noPoints } from './no-points.js';
import { similarityAsPoints } from './similarity-as-points.js';
import { topKPoints } from './top-k-points.js';

const SASP = { downSample: 1, positive: 0.75, negative: 0.25, count: 3, mode: 'fixed' };
const host =
  (sasp: object = SASP) =>
  () =>
    fakeHost({ presets: { sasp } });
const run = {} as RunContext;

const build = async (spec: ReturnType<typeof similarityAsPoints>, sasp?: object): Promise<PointPrompter> =>
  spec.create({ models: host(sasp)(), signal: new AbortController().signal, warn: () => undefined });

/** A query (1, 0) over tokens whose first component is the given score and whose second must not matter. */
function asking(scores: readonly number[], side: number, transform: ImageTransform<'ClipPx'>): PointQuery {
  const imageStates: FeatureMap = {
    space: 'llava-tokens',
    layout: 'tokens',
    width: 2,
    rows: side,
    columns: side,
    transform,
    tensor: fakeTensor(
      'float32',
      [1, side * side, 2],
      Float32Array.from(scores.flatMap((score, i) => [score, i * 7])),
    ),
  };
  return { query: fakeTensor('float32', [1, 2], Float32Array.from([1, 0])), imageStates };
}
const square = clipTransform(40, 40, 20);

describe('similarityAsPoints', () => {
  it("scores by the plain dot product, with the bundle's constants", async () => {
    const { points, map } = await (
      await build(similarityAsPoints())
    ).prompt(asking([5, -3, 1, 4], 2, square), run);
    // Min-maxed: 1, 0, 0.5, 0.875; cells of 20 px.
    expect([...points.labels]).toEqual([1, 1, 0]);
    expect([...points.xy]).toEqual([10, 10, 30, 30, 30, 10]);
    expect(map).toMatchObject({ kind: 'similarity', rows: 2, columns: 2, covers: [0, 0, 40, 40] });
    expect([...(map?.values ?? [])]).toEqual([5, -3, 1, 4]);
  });

  it('maps what the encoder saw of a wide image', async () => {
    const wide = asking([5, -3, 1, 4], 2, clipTransform(60, 40, 20));
    const { map, points } = await (await build(similarityAsPoints())).prompt(wide, run);
    expect(map?.covers).toEqual([10, 0, 40, 40]);
    expect([...points.xy.slice(0, 2)]).toEqual([20, 10]);
  });

  it.each([
    ['own options over the preset', similarityAsPoints({ count: 1, positive: 0.9 }), [1]],
    [
      'the released 7B preset (12 x 12 of 24 x 24 become 1 x 1 of 2 x 2: flat)',
      similarityAsPoints({ preset: 'read-7b' }),
      [-1],
    ],
    ['the released 13B preset', similarityAsPoints({ preset: 'read-13b' }), [1, 1, 0, -1]],
    [
      "Algorithm 1's thresholds (mean 0.594, sigma 0.387)",
      similarityAsPoints({ mode: 'meanSigma', count: 4 }),
      [1, 1, 0, -1],
    ],
    ['no points at all', similarityAsPoints({ count: 0 }), []],
  ])('takes %s', async (_, spec, labels) => {
    const { points } = await (await build(spec)).prompt(asking([5, -3, 1, 4], 2, square), run);
    expect([...points.labels]).toEqual(labels);
  });

  it("interpolates with the preset's distance and radius unless told otherwise", async () => {
    const xyOf = async (spec: ReturnType<typeof similarityAsPoints>, sasp: object): Promise<number[]> => {
      const { points } = await (await build(spec, sasp)).prompt(asking([5, -3, 1, 4], 2, square), run);
      return [...points.xy];
    };
    const l2 = await xyOf(similarityAsPoints({ discreteToContinuous: {} }), {
      ...SASP,
      distance: 'l2',
      radius: 3,
    });
    const told = await xyOf(
      similarityAsPoints({ discreteToContinuous: { distance: 'l2', radius: 3 } }),
      SASP,
    );
    const squared = await xyOf(similarityAsPoints({ discreteToContinuous: {} }), SASP);
    expect(l2).toEqual(told);
    expect(l2).not.toEqual(squared);
    expect(squared).not.toEqual(await xyOf(similarityAsPoints(), SASP));
  });

  it("runs what READ's released code runs by its preset's name alone", async () => {
    // A peak on a picture twice as wide as high, over 24 x 24 tokens of which 12 x 12 are made.
    const scores = Array.from({ length: 576 }, (_, i) => Math.sin(i * 0.7) + (i % 24) / 12);
    const wide = asking(scores, 24, clipTransform(640, 427, 336));
    const points = async (options: Parameters<typeof similarityAsPoints>[0]) =>
      (await (await build(similarityAsPoints(options))).prompt(wide, run)).points;
    const spelled = {
      downSample: 2,
      mode: 'fixed',
      positive: 0.8,
      negative: 0.2,
      count: 30,
      geometry: 'compat',
      discreteToContinuous: { distance: 'squared', radius: 6 },
    } as const;
    expect(await points({ preset: 'read-7b' })).toEqual(await points(spelled));
    const cells = await points({ preset: 'read-7b', discreteToContinuous: false });
    expect([...cells.xy].every(Number.isInteger)).toBe(true);
    expect(cells).not.toEqual(await points({ preset: 'read-7b' }));
    const large = { ...spelled, downSample: 1, positive: 0.6, count: 60 } as const;
    expect(await points({ preset: 'read-13b' })).toEqual(await points(large));
    const printed = {
      mode: 'meanSigma',
      epsilon: 0.5,
      count: 30,
      downSample: 1,
      geometry: 'printed',
    } as const;
    expect(await points({ preset: 'algorithm-1' })).toEqual(
      await points({ ...printed, discreteToContinuous: { distance: 'l2', radius: 24 } }),
    );
  });

  it('names what is wrong with options, presets, frames and states', async () => {
    expect(() => similarityAsPoints({ preset: 'read-8b' as 'read-7b' })).toThrow(/preset/);
    expect(() => similarityAsPoints({ downSample: 0 })).toThrow(/downSample/);
    expect(() => similarityAsPoints({ treshold: 1 } as object)).toThrow(/treshold/);
    await expect(async () =>
      build(similarityAsPoints({ positive: 0.1, negative: 0.2 })),
    ).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(async () => build(similarityAsPoints(), { ...SASP, count: -1 })).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      where: 'fake: presets.sasp.count',
    });
    const stage = await build(similarityAsPoints());
    await expect(stage.prompt(asking([1, NaN, 2, 3], 2, square), run)).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
    const wider = {
      ...asking([1, 2, 3, 4], 2, square),
      query: fakeTensor('float32', [1, 3], new Float32Array(3)),
    };
    await expect(stage.prompt(wider, run)).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    const sam = { ...square, frame: 'SamPx' } as unknown as ImageTransform<'ClipPx'>;
    await expect(stage.prompt(asking([1, 2, 3, 4], 2, sam), run)).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
  });
});

describe('topKPoints', () => {
  it('takes the highest as positive and the lowest of the rest as negative', async () => {
    const spec = topKPoints({ positives: 2, negatives: 1 });
    const stage = await spec.create({
      models: host()(),
      signal: new AbortController().signal,
      warn: () => undefined,
    });
    const { points } = await stage.prompt(asking([5, -3, 1, 4], 2, square), run);
    expect([[...points.xy], [...points.labels]]).toEqual([
      [10, 10, 30, 30, 30, 10],
      [1, 1, 0],
    ]);
  });

  it('makes no token both, and none twice', async () => {
    const spec = topKPoints({ positives: 3, negatives: 3 });
    const stage = await spec.create({
      models: host()(),
      signal: new AbortController().signal,
      warn: () => undefined,
    });
    const { points } = await stage.prompt(asking([2, 2, 2, 2], 2, square), run);
    expect([...points.labels]).toEqual([1, 1, 1, 0]);
  });
});

describe('noPoints', () => {
  it('gives none, and says so in its signals', async () => {
    const stage = await noPoints().create({
      models: host()(),
      signal: new AbortController().signal,
      warn: () => undefined,
    });
    expect((await stage.prompt(asking([1], 1, square), run)).points.labels).toHaveLength(0);
    expect(noPoints().gives).toEqual({});
  });
});

describe('conformance', () => {
  const suites = [
    ...conformanceCases('PointPrompter', similarityAsPoints(), { host: host() }),
    ...conformanceCases(
      'PointPrompter',
      similarityAsPoints({ geometry: 'compat', mode: 'meanSigma', discreteToContinuous: {} }),
      { host: host() },
    ),
    ...conformanceCases('PointPrompter', topKPoints({ positives: 2, negatives: 2 }), { host: host() }),
    ...conformanceCases('PointPrompter', noPoints(), { host: host() }),
  ];
  it.each(suites.map((c, i) => [`${i} ${c.name}`, c] as const))('%s', (_, c) => c.run());
});
