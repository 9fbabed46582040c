import { describe, expect, it } from 'vitest';
import { hostTensor, type Encoder, type HostTensor } from '@maskloom/core';
import { conformanceCases, fakeHost, fakeImage, fakeRun, type FakeHost } from '@maskloom/core/conformance';
import { samEncoder } from './encoder.js';

const PRESET = { imageSize: 64, maskSize: 16, embedDim: 1, mean: [0, 0, 0], std: [1, 1, 1] };

/** An encoder that gives the green value in the middle of each 16 x 16 patch. */
function host(preset: object = PRESET, calls: number[] = [], axis: number | string = 'B'): FakeHost {
  const run = ({ pixel_values }: Readonly<Record<string, HostTensor>>) => {
    const pixels = pixel_values?.data as Float32Array;
    const batch = pixel_values?.dims[0] ?? 0;
    calls.push(batch);
    const cells = Float32Array.from({ length: 16 * batch }, (_, i) => {
      const [picture, row, column] = [Math.floor(i / 16), Math.floor(i / 4) % 4, i % 4];
      return pixels[(3 * picture + 1) * 64 * 64 + (row * 16 + 8) * 64 + column * 16 + 8] ?? NaN;
    });
    return { image_embeddings: hostTensor('float32', [batch, 1, 4, 4], cells) };
  };
  const port = (name: string, shape: (number | string)[]) => ({ name, dtype: 'float32' as const, shape });
  const samModel = {
    inputs: [port('pixel_values', [axis, 3, 64, 64])],
    outputs: [port('image_embeddings', ['B', 1, 4, 4])],
    run,
  };
  return fakeHost({ models: { samEncoder: samModel }, presets: { sam: preset } });
}
const build = async (models = host()): Promise<Encoder> =>
  samEncoder().create({ models, signal: new AbortController().signal, warn: () => undefined });

describe('samEncoder', () => {
  it('pads a wide image at the bottom with zeros', async () => {
    const rgb = new Uint8Array(128 * 64 * 3).fill(7);
    const features = await (await build()).encode({ ...fakeImage(128, 64), rgb }, fakeRun());
    expect(features).toMatchObject({ layout: 'grid', rows: 4, columns: 4, width: 1, space: 'sam' });
    expect(features.transform).toMatchObject({
      frame: 'SamPx',
      resized: { width: 64, height: 32 },
      scaleX: 0.5,
      offsetY: 0,
    });
    expect([...(await features.tensor.read())]).toEqual([7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('puts pictures of unequal size that are asked for at once into one call, and no more than it may', async () => {
    const calls: number[] = [];
    const context = {
      models: host(PRESET, calls),
      signal: new AbortController().signal,
      warn: () => undefined,
    };
    const [together, alone] = [
      await samEncoder({ batch: 3 }).create(context),
      await samEncoder().create(context),
    ];
    const sizes = [
      [128, 64],
      [64, 64],
      [20, 70],
      [64, 128],
      [33, 31],
    ] as const;
    const pictures = sizes.map(([width, height]) => fakeImage(width, height));
    const given = await Promise.all(pictures.map((picture) => together.encode(picture, fakeRun())));
    expect(calls).toEqual([3, 2]);
    for (const [i, picture] of pictures.entries()) {
      const { tensor, transform } = await alone.encode(picture, fakeRun());
      expect(given[i]?.transform).toEqual(transform);
      expect(given[i]?.tensor.dims).toEqual([1, 1, 4, 4]);
      expect(await given[i]?.tensor.read()).toEqual(await tensor.read());
    }
    expect(calls).toEqual([3, 2, 1, 1, 1, 1, 1]);
  });

  it('goes on for the others when one of a call is given up', async () => {
    const calls: number[] = [];
    const context = {
      models: host(PRESET, calls),
      signal: new AbortController().signal,
      warn: () => undefined,
    };
    const encoder = await samEncoder({ batch: 2 }).create(context);
    const given = new AbortController();
    const asked = [{ ...fakeRun(), signal: given.signal }, fakeRun()].map((run) =>
      encoder.encode(fakeImage(64, 64), run),
    );
    given.abort();
    const [first, second] = await Promise.allSettled(asked);
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'ABORTED' } });
    expect(second?.status).toBe('fulfilled');
    expect(calls).toEqual([1]);
  });

  it('refuses a batch that the model cannot take', async () => {
    const context = {
      models: host(PRESET, [], 1),
      signal: new AbortController().signal,
      warn: () => undefined,
    };
    await expect(async () => samEncoder({ batch: 2 }).create(context)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      where: 'sam/encoder',
    });
  });

  it('names the field of a preset that is not valid', async () => {
    await expect(async () => build(host({ ...PRESET, std: [1, 0, 1] }))).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      where: 'fake: presets.sam.std.1',
    });
  });

  it.each(conformanceCases('Encoder', samEncoder(), { host: () => host() }).map((c) => [c.name, c] as const))(
    '%s',
    (_, c) => c.run(),
  );
});
