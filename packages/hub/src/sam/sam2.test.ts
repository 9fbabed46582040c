import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostTensor, ModelHost } from '@maskloom/core';
import { onnx, type OnnxSource } from '@maskloom/runtime';
import { difference, FixtureHub, floats, golden } from '../fixture-hub.test.helper.js';
import { hubBundle } from '../hub-bundle.js';

const LEVELS = ['high_res_0', 'high_res_1', 'image_embeddings'];

describe.each([
  ['SAM 2', 'sam2'],
  ["SAM 3's tracker", 'sam3-tracker'],
])('%s', (_, name) => {
  const hub = new FixtureHub();
  let source: OnnxSource;
  let host: ModelHost;
  let expected: Awaited<ReturnType<typeof golden>>;
  beforeAll(async () => {
    await hub.server.start();
    expected = await golden(name);
    source = onnx({
      bundle: hubBundle(hub.serve(name), { settings: hub.settings() }),
      device: 'cpu',
      threads: 1,
    });
    host = await source.open('sam/prompted');
  });
  afterAll(async () => {
    await source.dispose();
    await hub.stop();
  });

  /** The largest difference, of the range where that is above 1. */
  function part(given: Float32Array, key: string): number {
    const { most, range } = difference(given, expected(key).values);
    return most / Math.max(1, range);
  }

  async function decode(coords: readonly number[], labels: readonly number[], count: number) {
    const int64: HostTensor = {
      dtype: 'int64',
      dims: [count, labels.length / count],
      data: BigInt64Array.from(labels, BigInt),
    };
    const side = expected('points.masks').shape[3] ?? 0;
    const width = expected('image_embeddings.2').shape[1] ?? 0;
    const zeros = (...dims: number[]): HostTensor => ({
      dtype: 'float32',
      dims,
      data: new Float32Array(dims.reduce((product, axis) => product * axis, 1)),
    });
    const session = await host.model('samDecoder');
    const given = await session.run(
      {
        ...Object.fromEntries(LEVELS.map((name, i) => [name, floats(expected(`image_embeddings.${i}`))])),
        point_coords: {
          dtype: 'float32',
          dims: [count, labels.length / count, 2],
          data: Float32Array.from(coords),
        },
        point_labels: int64,
        mask_input: zeros(1, 1, side, side),
        has_mask: zeros(count),
        embeddings: zeros(count, 0, width),
      },
      { scope: host.scope() },
    );
    const masks = (await given['masks']?.read()) ?? new Float32Array(0);
    const iou = (await given['iou']?.read()) ?? new Float32Array(0);
    // The three ambiguity-aware ones of each prompt: PyTorch's single one falls back to them where it is unstable.
    const three = (all: Float32Array): Float32Array =>
      Float32Array.from(
        Array.from({ length: count }, (_, n) => [
          ...all.subarray(((4 * n + 1) * all.length) / count / 4, (n + 1) * (all.length / count)),
        ]).flat(),
      );
    return { masks: three(masks), iou: three(iou) };
  }

  it('gives its three levels as PyTorch does', async () => {
    const encoder = await host.model('samEncoder');
    const given = await encoder.run(
      { pixel_values: floats(expected('pixel_values')) },
      { scope: host.scope(), outputs: LEVELS },
    );
    for (const [i, name] of LEVELS.entries()) {
      const values = (await given[name]?.read()) ?? new Float32Array(0);
      const { most, range } = difference(values, expected(`image_embeddings.${i}`).values);
      expect(most).toBeLessThan(1e-4 * Math.max(1, range));
    }
  });

  it("takes points and boxes, N prompts at once, to PyTorch's masks within 1e-5", async () => {
    const points = expected('points.points').values;
    const labels = expected('points.labels').values;
    const padded = [0, 1].map((n) => ({
      coords: [...points.subarray(6 * n, 6 * n + 6), 0, 0],
      labels: [...labels.subarray(3 * n, 3 * n + 3), -1],
    }));
    const pointed = await decode(
      padded.flatMap((one) => one.coords),
      padded.flatMap((one) => one.labels),
      2,
    );
    expect(part(pointed.masks, 'points.masks')).toBeLessThan(1e-5);
    expect(part(pointed.iou, 'points.iou')).toBeLessThan(1e-5);
    const boxed = await decode([...expected('box.box').values, 0, 0], [2, 3, -1], 1);
    expect(part(boxed.masks, 'box.masks')).toBeLessThan(1e-5);
    expect(part(boxed.iou, 'box.iou')).toBeLessThan(1e-5);
  });

  it('says that images are stretched, and that a pad point stands behind boxes', () => {
    expect(host.preset('sam')).toMatchObject({
      fit: 'stretch',
      padAfterBox: true,
      prompts: ['point', 'box', 'embedding'],
    });
  });
});
