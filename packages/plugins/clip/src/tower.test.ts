import { describe, expect, it } from 'vitest';
import { hostTensor, type HostTensor, type VisionEncoder } from '@maskloom/core';
import { conformanceCases, fakeHost, fakeImage, fakeRun, type FakeHost } from '@maskloom/core/conformance';
import { clipTower } from './tower.js';

const PRESET = { imageSize: 64, patchSize: 16, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

/** A tower whose token i is the mean red of patch i, in a width of 2; `tokens` overrides their number. */
function host(preset: object = PRESET, tokens = 16): FakeHost {
  const run = ({ pixel_values }: Readonly<Record<string, HostTensor>>) => {
    const pixels = pixel_values?.data as Float32Array;
    const patch_features = new Float32Array(tokens * 2);
    for (let y = 0; y < 64; y++) {
      for (let x = 0; x < 64; x++) {
        const token = Math.floor(y / 16) * 4 + Math.floor(x / 16);
        if (token < tokens)
          patch_features[token * 2] = (patch_features[token * 2] ?? 0) + (pixels[y * 64 + x] ?? 0) / 256;
      }
    }
    return {
      patch_features: hostTensor('float32', [1, tokens, 2], patch_features),
      image_embed: hostTensor('float32', [1, 1], new Float32Array(1)),
    };
  };
  const port = (name: string, shape: (number | string)[]) => ({ name, dtype: 'float32' as const, shape });
  const tower = {
    inputs: [port('pixel_values', ['B', 3, 64, 64])],
    outputs: [port('patch_features', ['B', 16, 2]), port('image_embed', ['B', 1])],
    run,
  };
  return fakeHost({ models: { clipTower: tower }, presets: { clip: preset } });
}
const build = async (models = host()): Promise<VisionEncoder> =>
  clipTower().create({ models, signal: new AbortController().signal, warn: () => undefined });

/** An image that is black but for a red square from `x`, 64 wide. */
function redAt(x: number, width: number) {
  const rgb = new Uint8Array(width * 64 * 3);
  for (let i = 0; i < width * 64; i++) if (i % width >= x && i % width < x + 64) rgb[i * 3] = 255;
  return { ...fakeImage(width, 64), rgb, sha256: `red ${x} ${width}` };
}

describe('clipTower', () => {
  it('sees the centre square of a wide image, in row-major tokens', async () => {
    const features = await (await build()).encode(redAt(32, 128), fakeRun());
    expect(features).toMatchObject({ layout: 'tokens', rows: 4, columns: 4, width: 2, space: 'clip' });
    expect(features.transform).toMatchObject({ frame: 'ClipPx', offsetX: 32, offsetY: 0, scaleX: 1 });
    const values = await features.tensor.read();
    expect([...values].filter((_, i) => i % 2 === 0)).toEqual(Array.from({ length: 16 }, () => 1));
    const edge = await (await build()).encode(redAt(64, 128), fakeRun());
    const reds = [...(await edge.tensor.read())].filter((_, i) => i % 2 === 0);
    expect(reds).toEqual(Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? -1 : 1)));
  });

  it('names width, model and preprocessing', async () => {
    const tower = await build();
    expect(tower.widths).toEqual({ vision: 2 });
    const other = await build(host({ ...PRESET, resample: 'bilinear' }));
    expect(other.cacheKey).not.toBe(tower.cacheKey);
    expect((await build()).cacheKey).toBe(tower.cacheKey);
  });

  it('refuses a preset that is not valid or does not fit its model', async () => {
    await expect(async () => build(host({ ...PRESET, patchSize: 0 }))).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      where: 'fake: presets.clip.patchSize',
    });
    const wrong = await build(host(PRESET, 9));
    await expect(wrong.encode(fakeImage(64, 64), fakeRun())).rejects.toMatchObject({
      code: 'MODEL_RUN_FAILED',
    });
  });

  it.each(
    conformanceCases('VisionEncoder', clipTower(), { host: () => host() }).map((c) => [c.name, c] as const),
  )('%s', (_, c) => c.run());
});
