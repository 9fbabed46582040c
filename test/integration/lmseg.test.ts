import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, CostAggregator, decodeMask, type FeatureMap, type ScoreSession } from '@maskloom/core';
import { fakeRun } from '@maskloom/core/conformance';
import { clipDense, clipText } from '@maskloom/clip';
import { makeScene, SHAPES, STUFF } from '@maskloom/synth';
import { costAggregation, cutViews, denseOnly, full, fusion, unitGrid } from '@maskloom/lmseg';
import { folderBundle, onnx } from '@maskloom/runtime';
import { samEncoder } from '@maskloom/sam';
import { afterAll, describe, expect, it } from 'vitest';

const models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', keepOpen: true });
afterAll(() => models.dispose());
const LABELS = [...SHAPES, ...STUFF];
const { rgb } = makeScene(8_910_003, 160, 96);
const image = { rgb, width: 160, height: 96, sha256: 'scene' };

/** Towers of LMSeg on one view, and a run that owns their tensors. */
async function towers() {
  const host = await models.open('lmseg/full');
  const context = { models: host, signal: new AbortController().signal, warn: () => undefined };
  const run = fakeRun({ scope: host.scope() });
  const plan = await cutViews(image, { mode: 'whole', window: 128, overlap: 0, resizeTo: 213, global: true });
  const view = plan.views[0]?.image ?? image;
  const dense = await (await clipDense().create(context)).encode(view, run);
  const spatial = await (await samEncoder().create(context)).encode(view, run);
  return { host, context, run, dense, spatial };
}

function furthest(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0);
}

describe('the trained LMSeg', () => {
  it('is CLIP alone at weight 1 and SAM alone at weight 0', async () => {
    const { host, context, run, dense, spatial } = await towers();
    const at = async (weight: number): Promise<FeatureMap> =>
      (await (await fusion({ weight }).create(context)).fuse(dense, spatial, run)).features;
    const clip = (await (await denseOnly().create(context)).fuse(dense, spatial, run)).features;
    expect(furthest(await (await at(1)).tensor.read(), await clip.tensor.read())).toBeLessThan(1e-5);
    // At 0 the CLIP features do not matter: others give the same.
    const turned: FeatureMap = { ...dense, tensor: dense.taps?.[0] ?? dense.tensor };
    const other = await (await fusion({ weight: 0 }).create(context)).fuse(turned, spatial, run);
    expect(furthest(await (await at(0)).tensor.read(), await other.features.tensor.read())).toBeLessThan(
      1e-5,
    );
    for (const weight of [0, 0.5, 1]) {
      const features = await at(weight);
      expect(furthest(await features.tensor.read(), await unitGrid(features))).toBeLessThan(1e-5);
    }
    await host.dispose();
  });

  it('scores classes in chunks as all at once, and whatever their order', async () => {
    const { host, context, run, dense, spatial } = await towers();
    const fused = await (await fusion().create(context)).fuse(dense, spatial, run);
    const embedder = await clipText().create(context);
    const scores = async (labels: readonly string[], chunk: number, keepBytes: number) => {
      const text = await embedder.embed(
        labels.map((label) => [label]),
        run,
      );
      const stage = await costAggregation({ chunk, keepBytes }).create(context);
      return byLabel(await stage.prepare([{ fused, guidance: dense }], text, run), labels);
    };
    const byLabel = async (session: ScoreSession, labels: readonly string[]) => {
      const maps = new Map<string, Float32Array>();
      for (let chunk = 0; chunk < session.chunks; chunk++) {
        const { classes, rows, columns, logits } = await session.scores(chunk, run);
        classes.forEach((index, i) =>
          maps.set(
            labels[index] ?? '',
            (logits[0] ?? new Float32Array(0)).slice(i * rows * columns, (i + 1) * rows * columns),
          ),
        );
      }
      return maps;
    };
    const whole = await scores(LABELS, 100, 2 ** 30);
    const chunked = await scores(LABELS, 5, 0);
    const turned = await scores([...LABELS].reverse(), 4, 2 ** 30);
    // Logits reach about 10; float32 sums in another order differ in the last of their digits.
    for (const [label, map] of whole) {
      const scale = Math.max(1, ...map.map(Math.abs));
      expect(furthest(map, chunked.get(label) ?? map) / scale).toBeLessThan(1e-5);
      expect(furthest(map, turned.get(label) ?? map) / scale).toBeLessThan(1e-5);
    }
    await host.dispose();
  });

  it('finds most of a scene, and leaves no tensor', async () => {
    const pipeline = await compose(full).on(models).build();
    const parts = await compose(full)
      .with(CostAggregator, costAggregation({ chunk: 3, keepBytes: 0 }))
      .on(models)
      .build();
    const scene = makeScene(8_910_003, 160, 96);
    const truth = Array.from(
      scene.labels,
      (id) =>
        [...scene.things.map((one) => ({ ...one, name: one.shape })), ...scene.stuff].find(
          (one) => one.id === id,
        )?.name,
    );
    const found = async (by: typeof pipeline) => {
      const map: string[] = Array.from({ length: 160 * 96 }, () => '');
      const { segments } = await by.segment(image, { task: 'semantic', labels: LABELS });
      for (const { label, mask } of segments)
        decodeMask(mask).pixels.forEach((set, at) => void (set === 1 && (map[at] = label)));
      return map;
    };
    const map = await found(pipeline);
    const right = map.filter((label, at) => label === truth[at]).length / map.length;
    expect(right).toBeGreaterThan(0.6);
    const again = await found(parts);
    expect(again.filter((label, at) => label === map[at]).length / map.length).toBeGreaterThan(0.999);
    await pipeline.dispose();
    await parts.dispose();
    expect(models.liveTensors).toBe(0);
  });
});
