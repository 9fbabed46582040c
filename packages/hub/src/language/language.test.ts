import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostTensor, ModelHost, ModelSession, Tensor, TensorLike } from '@maskloom/core';
import { onnx, type OnnxSource } from '@maskloom/runtime';
import { difference, FixtureHub, floats, golden, ids } from '../fixture-hub.test.helper.js';
import { hubBundle, type HubBundleOptions } from '../hub-bundle.js';

const hub = new FixtureHub();
const sources: OnnxSource[] = [];
beforeAll(async () => {
  await hub.server.start();
  for (const name of ['qwen2', 'onevision']) hub.serve(name);
});
afterAll(async () => {
  await Promise.all(sources.map((source) => source.dispose()));
  await hub.stop();
});

const RECIPES: Readonly<Record<string, string>> = {
  qwen2: 'qwen2/language',
  onevision: 'onevision/language',
};

function open(name: string, options: HubBundleOptions = {}): Promise<ModelHost> {
  const bundle = hubBundle(`test/${name}`, { settings: hub.settings(), ...options });
  const source = onnx({ bundle, device: 'cpu', threads: 1 });
  sources.push(source);
  return source.open(RECIPES[name] ?? '');
}

/** Feeds of the decoder for `count` embeddings behind `past` tokens. */
function feeds(
  session: ModelSession,
  embeds: TensorLike,
  count: number,
  past = 0,
  at: readonly number[] = Array.from({ length: count }, (_, i) => i),
): Record<string, TensorLike> {
  const int64 = (length: number, value: (i: number) => bigint): HostTensor => ({
    dtype: 'int64',
    dims: [1, length],
    data: BigInt64Array.from({ length }, (_, i) => value(i)),
  });
  const cache = session.inputs.filter(({ name }) => name.startsWith('past_key_values.'));
  return {
    inputs_embeds: embeds,
    attention_mask: int64(past + count, () => 1n),
    position_ids: int64(count, (i) => BigInt(past + i)),
    logits_at: { dtype: 'int64', dims: [at.length], data: BigInt64Array.from(at, BigInt) },
    ...Object.fromEntries(
      cache.map(({ name, shape }) => [
        name,
        {
          dtype: 'float32' as const,
          dims: [1, Number(shape[1]), 0, Number(shape[3])],
          data: new Float32Array(0),
        },
      ]),
    ),
  };
}

async function states(host: ModelHost, name: string): Promise<Readonly<Record<string, Tensor>>> {
  const expected = await golden(name);
  const [embedding, model] = [await host.model('tokenEmbedding'), await host.model('languageModel')];
  const input_ids = ids(expected('input_ids'));
  const { inputs_embeds } = await embedding.run({ input_ids }, { scope: host.scope() });
  if (inputs_embeds === undefined) throw new Error('no embeddings');
  return model.run(feeds(model, inputs_embeds, input_ids.dims[1] ?? 0), { scope: host.scope() });
}

describe.each(['qwen2', 'onevision'])('a ready-made decoder (%s)', (name) => {
  it('gives hidden states and logits of PyTorch within 1e-4', async () => {
    const expected = await golden(name);
    const { hidden_states, logits } = await states(await open(name), name);
    const [state, logit] = [await hidden_states?.read(), await logits?.read()];
    const compared = difference(state ?? new Float32Array(0), expected('hidden_states').values);
    expect(compared.most).toBeLessThan(1e-4);
    expect(compared.range).toBeGreaterThan(0.5);
    expect(difference(logit ?? new Float32Array(0), expected('logits').values).most).toBeLessThan(1e-4);
  });

  it('goes on from its cache as if it had read all at once', async () => {
    const expected = await golden(name);
    const host = await open(name);
    const model = await host.model('languageModel');
    const { shape, values } = expected('inputs_embeds');
    const [, count = 0, width = 0] = shape;
    const part = (from: number, to: number): HostTensor => ({
      dtype: 'float32',
      dims: [1, to - from, width],
      data: values.slice(from * width, to * width),
    });
    const scope = host.scope();
    const first = await model.run(feeds(model, part(0, count - 1), count - 1), { scope });
    const next = feeds(model, part(count - 1, count), 1, count - 1);
    for (const key of Object.keys(next)) {
      if (!key.startsWith('past_key_values.')) continue;
      const present = first[`present.${key.slice('past_key_values.'.length)}`];
      if (present !== undefined) next[key] = present;
    }
    const { hidden_states } = await model.run(next, { scope });
    const last = expected('hidden_states').values.slice((count - 1) * width);
    expect(difference((await hidden_states?.read()) ?? new Float32Array(0), last).most).toBeLessThan(1e-4);
  });
});

it.each([
  ['qwen2', 'model', 'fp16', 0.01],
  ['onevision', 'decoder_model_merged', 'q4', 0.7],
  ['onevision', 'decoder_model_merged', 'q4f16', 0.7],
  ['onevision', 'decoder_model_merged', 'bnb4', 0.7],
] as const)('%s: %s in the form %s gives states within its rounding', async (name, stem, dtype, part) => {
  const expected = await golden(name);
  const { hidden_states } = await states(await open(name, { dtype: { [stem]: dtype } }), name);
  const { most, range } = difference(
    (await hidden_states?.read()) ?? new Float32Array(0),
    expected('hidden_states').values,
  );
  expect(most).toBeLessThan(part * range);
  expect(most).toBeGreaterThan(0);
});

it.each([
  ['qwen2', 'model', 'fp32'],
  ['qwen2', 'model', 'fp16'],
  ['onevision', 'decoder_model_merged', 'fp32'],
  ['onevision', 'decoder_model_merged', 'q4'],
  ['onevision', 'decoder_model_merged', 'bnb4'],
] as const)(
  '%s: %s in the form %s gives logits of the positions asked for alone',
  async (name, stem, dtype) => {
    const { shape, values } = (await golden(name))('inputs_embeds');
    const [, count = 0] = shape;
    const host = await open(name, { dtype: { [stem]: dtype } });
    const model = await host.model('languageModel');
    const scope = host.scope();
    const embeds: HostTensor = { dtype: 'float32', dims: shape, data: values };
    const all = await model.run(feeds(model, embeds, count), { scope });
    const logits = (await all['logits']?.read()) ?? new Float32Array(0);
    const width = logits.length / count;
    const states = await all['hidden_states']?.read();
    for (const at of [[count - 1], [1, 0], []]) {
      const some = await model.run(feeds(model, embeds, count, 0, at), { scope });
      expect(some['logits']?.dims).toEqual([1, at.length, width]);
      const wanted = at.flatMap((i) => [...logits.subarray(i * width, (i + 1) * width)]);
      const given = (await some['logits']?.read()) ?? new Float32Array(1);
      expect(difference(given, Float32Array.from(wanted)).most).toBeLessThan(1e-5);
      expect(await some['hidden_states']?.read()).toEqual(states);
    }
  },
);

it("LLaVA-OneVision's vision encoder stands for tower and projector in one", async () => {
  const expected = await golden('onevision');
  const host = await open('onevision');
  const tower = await host.model('siglipTower');
  const { patch_features } = await tower.run(
    { pixel_values: floats(expected('pixel_values')) },
    { scope: host.scope(), outputs: ['patch_features'] },
  );
  const projector = await host.model('projector');
  const { image_tokens } = await projector.run(
    { patch_features: patch_features as Tensor },
    { scope: host.scope() },
  );
  const given = (await image_tokens?.read()) ?? new Float32Array(0);
  expect(difference(given, expected('image_features').values).most).toBeLessThan(1e-4);
});
