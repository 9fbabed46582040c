import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostTensor, ModelHost } from '@maskloom/core';
import { onnx, openBundle, type OnnxSource } from '@maskloom/runtime';
import { difference, FixtureHub, floats, golden } from '../fixture-hub.test.helper.js';
import type { NamedWeight } from '../client/safetensors.js';
import { hubBundle, type HubBundleOptions } from '../hub-bundle.js';

const hub = new FixtureHub();
let expected: Awaited<ReturnType<typeof golden>>;
/** One host for each bundle and form: opening one starts a worker. */
const hosts = new Map<string, Promise<ModelHost>>();
const sources: OnnxSource[] = [];
beforeAll(async () => {
  await hub.server.start();
  hub.serve('sam');
  expected = await golden('sam');
});
afterAll(async () => {
  await Promise.all(sources.map((source) => source.dispose()));
  await hub.stop();
});

function open(options: HubBundleOptions = {}, name = 'test/sam'): Promise<ModelHost> {
  const key = `${name} ${JSON.stringify(options)}`;
  const made = hosts.get(key) ?? openNew(options, name);
  hosts.set(key, made);
  return made;
}

function openNew(options: HubBundleOptions, name: string): Promise<ModelHost> {
  const bundle = hubBundle(name, { settings: hub.settings(), ...options });
  const source = onnx({ bundle, device: 'cpu', threads: 1 });
  sources.push(source);
  return source.open('sam/prompted');
}

const BOX = [2, 3];
const PAD = -1;
/** The prompt of a golden case as `sam/mask-decoder` feeds it. */
function promptOf(name: string, count: number): Record<string, HostTensor> {
  const maybe = (key: string): Float32Array | undefined => {
    try {
      return expected(`${name}.${key}`).values;
    } catch {
      return undefined;
    }
  };
  const [points, labels, box, embeddings, mask] = ['points', 'labels', 'box', 'embeddings', 'mask'].map(
    maybe,
  );
  const perPoints = labels === undefined ? 0 : labels.length / count;
  const coords: number[] = [];
  const marks: number[] = [];
  for (let n = 0; n < count; n++) {
    coords.push(...(points?.slice(n * perPoints * 2, (n + 1) * perPoints * 2) ?? []));
    marks.push(...(labels?.slice(n * perPoints, (n + 1) * perPoints) ?? []));
    if (box !== undefined) {
      coords.push(...box.slice(4 * n, 4 * n + 4));
      marks.push(...BOX);
    } else if (perPoints > 0) {
      coords.push(0, 0);
      marks.push(PAD);
    }
  }
  const side = (expected(`${name}.masks`).shape[3] ?? 0) as number;
  const width = expected('image_embeddings').shape[1] ?? 0;
  const per = marks.length / count;
  return {
    image_embeddings: floats(expected('image_embeddings')),
    point_coords: { dtype: 'float32', dims: [count, per, 2], data: Float32Array.from(coords) },
    point_labels: { dtype: 'int64', dims: [count, per], data: BigInt64Array.from(marks, BigInt) },
    mask_input: {
      dtype: 'float32',
      dims: [mask === undefined ? 1 : count, 1, side, side],
      data: mask ?? new Float32Array(side * side),
    },
    has_mask: {
      dtype: 'float32',
      dims: [count],
      data: new Float32Array(count).fill(mask === undefined ? 0 : 1),
    },
    embeddings: {
      dtype: 'float32',
      dims: [count, (embeddings?.length ?? 0) / count / width, width],
      data: embeddings ?? new Float32Array(0),
    },
  };
}

async function decode(host: ModelHost, name: string): Promise<{ masks: Float32Array; iou: Float32Array }> {
  const session = await host.model('samDecoder');
  const count = expected(`${name}.masks`).shape[0] ?? 0;
  const { masks, iou } = await session.run(promptOf(name, count), { scope: host.scope() });
  if (masks === undefined || iou === undefined) throw new Error('no masks');
  return { masks: await masks.read(), iou: await iou.read() };
}

describe('a ready-made SAM', () => {
  it("encodes as PyTorch does, and says its constants in the SDK's units", async () => {
    const host = await open();
    const encoder = await host.model('samEncoder');
    const feeds = { pixel_values: floats(expected('pixel_values')) };
    const { image_embeddings } = await encoder.run(feeds, {
      scope: host.scope(),
      outputs: ['image_embeddings'],
    });
    const { most, range } = difference(
      (await image_embeddings?.read()) ?? new Float32Array(0),
      expected('image_embeddings').values,
    );
    expect(most).toBeLessThan(1e-5 * Math.max(1, range));
    const preset = host.preset('sam') as Record<string, unknown>;
    expect(preset['mean']).toEqual([0.485, 0.456, 0.406].map((value) => value * 255));
    expect(preset).toMatchObject({ resample: 'bilinear', prompts: ['point', 'embedding', 'box', 'mask'] });
  });

  it.each(['points', 'box', 'point-box', 'embedding', 'points-embeddings', 'mask'])(
    'decodes %s to the four masks of PyTorch within 1e-5',
    async (name) => {
      const { masks, iou } = await decode(await open(), name);
      expect(difference(masks, expected(`${name}.masks`).values).most).toBeLessThan(1e-5);
      expect(difference(iou, expected(`${name}.iou`).values).most).toBeLessThan(1e-5);
    },
  );

  // Rounding is the published file's own: against PyTorch, the changed graph is no worse than that file by itself (both
  // round, not alike).
  it.each([
    ['fp16', '_fp16'],
    ['q8', '_quantized'],
  ] as const)('decodes in the form %s as well as that file does by itself', async (form, suffix) => {
    const file = hub.files('sam')[`onnx/prompt_encoder_mask_decoder${suffix}.onnx`] ?? Buffer.alloc(0);
    const plain = await InferenceSession.create(file);
    const { shape, values } = expected('points.points');
    const [count = 0, points = 0] = shape;
    const labels = BigInt64Array.from(expected('points.labels').values, BigInt);
    const tensor = ({ shape: dims, values: data }: NamedWeight): Tensor => new Tensor('float32', data, dims);
    const { pred_masks } = await plain.run({
      input_points: new Tensor('float32', values, [1, count, points, 2]),
      input_labels: new Tensor('int64', labels, [1, count, points]),
      image_embeddings: tensor(expected('image_embeddings')),
      image_positional_embeddings: tensor(expected('positions')),
    });
    await plain.release();
    const { masks } = await decode(await open({ dtype: { prompt_encoder_mask_decoder: form } }), 'points');
    const size = masks.length / count / 4;
    const three = Array.from({ length: count }, (_, n) =>
      masks.subarray((4 * n + 1) * size, (4 * n + 4) * size),
    );
    const right = expected('points.masks').values;
    const wanted = Array.from({ length: count }, (_, n) =>
      right.subarray((4 * n + 1) * size, (4 * n + 4) * size),
    );
    const all = wanted.flatMap((part) => [...part]);
    const ours = three.flatMap((part) => [...part]);
    const theirs = pred_masks?.data as Float32Array;
    const published = Math.hypot(...all.map((value, i) => value - (theirs[i] ?? NaN)));
    const changed = Math.hypot(...all.map((value, i) => value - (ours[i] ?? NaN)));
    expect(published).toBeGreaterThan(0);
    expect(changed).toBeLessThan(1.5 * published);
  });

  it('is made once, offline too, and goes with its repository', async () => {
    await open();
    const before = hub.server.requests.length;
    const host = await open({ settings: hub.settings({ offline: true }) });
    expect(hub.server.requests.length).toBe(before);
    const { masks } = await decode(host, 'box');
    expect(difference(masks, expected('box.masks').values).most).toBeLessThan(1e-5);
  });
});

describe('weights that the graphs leave out', () => {
  it("come by parts from the original of the repository's card", async () => {
    hub.server.add('original/sam', { 'model.safetensors': hub.files('sam')['model.safetensors'] ?? '' });
    hub.serve('sam', { 'model.safetensors': undefined }, { base: 'original/sam' }, 'test/bare');
    const before = hub.server.requests.length;
    const { masks } = await decode(await open({}, 'test/bare'), 'box');
    expect(difference(masks, expected('box.masks').values).most).toBeLessThan(1e-5);
    const parts = hub.server.requests
      .slice(before)
      .filter(({ path, method }) => path.includes('model.safetensors') && method === 'GET');
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.every(({ range }) => /^bytes=\d+-\d+$/.test(range))).toBe(true);
  });

  it('are named where no original has them, and the bundle says which prompts it takes', async () => {
    hub.serve('sam', { 'model.safetensors': undefined }, {}, 'test/alone');
    const warnings: string[] = [];
    const settings = hub.settings();
    const bundle = await openBundle(
      hubBundle('test/alone', { settings, onWarning: (w) => warnings.push(w) }),
    );
    expect(bundle.preset('sam/prompted', 'sam')).toMatchObject({ prompts: ['point', 'embedding'] });
    expect(warnings).toEqual([expect.stringContaining('weightsFrom')]);
    const { masks } = await decode(await open({}, 'test/alone'), 'points');
    expect(difference(masks, expected('points.masks').values).most).toBeLessThan(1e-5);
  });
});
