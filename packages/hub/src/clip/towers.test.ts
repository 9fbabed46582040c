import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostTensor, ModelHost } from '@maskloom/core';
import { onnx, type OnnxSource } from '@maskloom/runtime';
import { difference, FixtureHub, floats, golden, ids } from '../fixture-hub.test.helper.js';
import { hubBundle, type HubBundleOptions } from '../hub-bundle.js';

const hub = new FixtureHub();
const sources: OnnxSource[] = [];
beforeAll(async () => {
  await hub.server.start();
  for (const name of ['clip', 'clip-whole', 'siglip']) hub.serve(name);
});
afterAll(async () => {
  await Promise.all(sources.map((source) => source.dispose()));
  await hub.stop();
});

function open(name: string, recipe: string, options: HubBundleOptions = {}): Promise<ModelHost> {
  const bundle = hubBundle(`test/${name}`, { settings: hub.settings(), ...options });
  const source = onnx({ bundle, device: 'cpu', threads: 1 });
  sources.push(source);
  return source.open(recipe);
}

async function run(
  host: ModelHost,
  role: string,
  feeds: Readonly<Record<string, HostTensor>>,
  output: string,
): Promise<Float32Array> {
  const session = await host.model(role);
  const given = await session.run(feeds, { scope: host.scope(), outputs: [output] });
  return (await given[output]?.read()) ?? new Float32Array(0);
}

describe.each(['clip', 'clip-whole'])('a ready-made CLIP (%s)', (name) => {
  it.each([
    ['clipTower', 'patch_features', 'patch_features'],
    ['clipTower', 'image_embed', 'image_embeds'],
    ['clipDense', 'last_hidden_state', 'last_hidden_state'],
    ['clipDense', 'dense', 'dense'],
  ])('gives as %s the %s of PyTorch within 1e-4', async (role, output, key) => {
    const expected = await golden(name);
    const host = await open(name, 'clip/towers');
    const feeds = { pixel_values: floats(expected('pixel_values')) };
    const { most, range } = difference(await run(host, role, feeds, output), expected(key).values);
    expect(most).toBeLessThan(1e-4);
    expect(range).toBeGreaterThan(0.1);
  });

  it('embeds texts as PyTorch does within 1e-4', async () => {
    const expected = await golden(name);
    const host = await open(name, 'clip/towers');
    const input_ids = ids(expected('input_ids'));
    const attention_mask = { ...input_ids, data: new BigInt64Array(input_ids.data.length).fill(1n) };
    const given = await run(host, 'clipText', { input_ids, attention_mask }, 'text_embed');
    expect(difference(given, expected('text_embeds').values).most).toBeLessThan(1e-4);
  });
});

it.each([
  ['fp16', 0.01],
  ['q8', 0.25],
  ['q4', 0.5],
] as const)(
  'CLIP in the form %s gives dense tokens within its rounding (%f of the range)',
  async (dtype, part) => {
    const expected = await golden('clip');
    const host = await open('clip', 'clip/towers', { dtype: { vision_model: dtype } });
    const feeds = { pixel_values: floats(expected('pixel_values')) };
    for (const [output, key] of [
      ['dense', 'dense'],
      ['image_embed', 'image_embeds'],
    ] as const) {
      const { most, range } = difference(await run(host, 'clipDense', feeds, output), expected(key).values);
      expect(most).toBeLessThan(part * range);
      expect(most).toBeGreaterThan(0);
    }
  },
);

it.each(['clip', 'siglip'])('%s: published text towers get closing punctuation too', async (name) => {
  const host = await open(name, `${name}/towers`);
  expect(host.preset(name)).toMatchObject({ text: { trimEnd: false } });
});

describe('a ready-made SigLIP', () => {
  it('gives tokens and embeddings of PyTorch within 1e-4, under the names that stages use', async () => {
    const expected = await golden('siglip');
    const host = await open('siglip', 'siglip/towers');
    const feeds = { pixel_values: floats(expected('pixel_values')) };
    const tokens = await run(host, 'siglipTower', feeds, 'patch_features');
    expect(difference(tokens, expected('last_hidden_state').values).most).toBeLessThan(1e-4);
    const seen = await run(host, 'siglipTower', feeds, 'image_embed');
    expect(difference(seen, expected('image_embed').values).most).toBeLessThan(1e-4);
    const dense = await run(host, 'siglipTower', feeds, 'dense');
    expect(difference(dense, expected('dense').values).most).toBeLessThan(1e-4);
    const input_ids = ids(expected('input_ids'));
    const attention_mask = { ...input_ids, data: new BigInt64Array(input_ids.data.length).fill(1n) };
    const text = await run(host, 'siglipText', { input_ids, attention_mask }, 'text_embed');
    expect(difference(text, expected('text_embed').values).most).toBeLessThan(1e-4);
  });
});
