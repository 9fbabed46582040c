import { describe, expect, it } from 'vitest';
import { localTensor, type FeatureMap, type PatchAnalyzer } from '@maskloom/core';
import { conformanceCases, fakeRun } from '@maskloom/core/conformance';
import { contextOf, HIDDEN, toyHost } from '../toy-rose.test.helper.js';
import { patchAnalyzer } from './patch-analyzer.js';
import { patchRoles } from './roles.js';

const size = { width: 64, height: 64 };
const states = (values: readonly number[]): FeatureMap<'ClipPx'> => ({
  space: 'onevision-tokens',
  layout: 'tokens',
  rows: 2,
  columns: 2,
  width: HIDDEN,
  tensor: localTensor([1, 4, HIDDEN], Float32Array.from(values.flatMap((value) => [value, 1, 2, 3]))),
  transform: {
    frame: 'ClipPx',
    original: size,
    resized: size,
    input: size,
    scaleX: 1,
    scaleY: 1,
    offsetX: 0,
    offsetY: 0,
  },
});
const build = (rose: object = {}, options: Parameters<typeof patchAnalyzer>[0] = {}) =>
  patchAnalyzer(options).create(contextOf(toyHost(rose))) as Promise<PatchAnalyzer>;

describe('patchAnalyzer', () => {
  it('runs the heads once over all patches; objectness is a probability', async () => {
    const models = toyHost();
    const stage = await patchAnalyzer().create(contextOf(models));
    const found = await stage.analyze(states([0, 1, -1, 0.5]), fakeRun());
    expect(models.runs).toEqual(['patchAnalyzer']);
    [0, 1, -1, 0.5].forEach((value, p) =>
      expect(found.objectness[p]).toBeCloseTo(1 / (1 + Math.exp(-4 * value)), 6),
    );
    expect(found.maskEmbeddings.dims).toEqual([4, 3]);
    expect([...(await found.categoryEmbeddings.read())].slice(0, HIDDEN)).toEqual([0, 1, 2, 3]);
    expect(found.textEmbeddings?.dims).toEqual([4, 5]);
  });

  it('takes its limits from the bundle, or from its options', async () => {
    const run = fakeRun();
    expect(await (await build()).analyze(states([0, 0, 0, 0]), run)).toMatchObject({
      limit: 100,
      threshold: 0.1,
    });
    const own = await build({}, { topN: 7, minObjectness: 0.4 });
    expect(await own.analyze(states([0, 0, 0, 0]), run)).toMatchObject({ limit: 7, threshold: 0.4 });
  });

  it('has the same interface with super-patches: roles are said, nothing else changes', async () => {
    const superPatch = { side: 2, roles: ['small', 'medium', 'large', 'stuff'] };
    const [plain, grouped] = await Promise.all(
      [await build(), await build({ superPatch })].map((stage) =>
        stage.analyze(states([0, 1, 2, 3]), fakeRun()),
      ),
    );
    expect(plain?.roles).toBeUndefined();
    expect(grouped?.roles).toEqual(['small', 'medium', 'large', 'stuff']);
    expect(grouped?.objectness).toEqual(plain?.objectness);
  });

  it('refuses a super-patch without a role for each patch', async () => {
    await expect(async () => build({ superPatch: { side: 3, roles: ['small'] } })).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
    });
  });

  it.each(
    conformanceCases('PatchAnalyzer', patchAnalyzer(), { host: () => toyHost() }).map(
      (c) => [c.name, c] as const,
    ),
  )('%s', (_, c) => c.run());
});

describe('patchRoles', () => {
  it('tiles the grid from the top left; the last super-patches may be cut', () => {
    const roles = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    expect(patchRoles({ side: 3, roles, sizes: {} }, 4, 4)).toEqual([...'abcadefdghigabca']);
  });

  it('has none without super-patches', () => {
    expect(patchRoles({ side: 1, roles: [], sizes: {} }, 2, 2)).toBeUndefined();
  });
});
