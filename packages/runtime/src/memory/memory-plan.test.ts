import { expect, it } from 'vitest';
import type { ModelPort } from '@maskloom/core';
import type { CheckedModel } from '../bundle/bundle.js';
import type { BundleManifest } from '../bundle/manifest.js';
import { MemoryGate } from './memory-gate.js';
import { planMemory } from './memory-plan.js';
import { estimateMemory } from './model-memory.js';

const port = (name: string, ...shape: (string | number)[]): ModelPort => ({ name, dtype: 'float32', shape });

/** A language model of these layers over `heads` heads of 128, with a vocabulary of 32,000. */
function language(layers: number, heads: number, bytes: number, dtype: string, chooses = true) {
  const cache = Array.from({ length: layers }, (_, i) =>
    port(`past_key_values.${i}.key`, 'B', heads, 'past', 128),
  );
  const values = cache.map(({ name, shape }) => port(name.replace('key', 'value'), ...shape));
  const inputs = [port('inputs_embeds', 'B', 'T', heads * 128), ...cache, ...values];
  return {
    bytes,
    dtype,
    inputs: chooses ? [...inputs, port('logits_at', 'K')] : inputs,
    outputs: [port('logits', 'B', 'T', 32_000)],
  };
}
const encoder = {
  bytes: 358_500_000,
  dtype: 'float32',
  inputs: [port('pixel_values', 'B', 3, 1024, 1024)],
  outputs: [port('image_embeddings', 'B', 256, 64, 64)],
};

it.each([
  // Measured with ONNX Runtime 1.30 and 1.31 on the CPU, resident set of the process (docs/guides/devices.md).
  ['SAM ViT-B, exported by optimum, one picture', encoder, 1024, 'run', 3.1e9],
  ['two layers of LLaVA-7B, float16, opening', language(2, 32, 1.07e9, 'float16'), 576, 'open', 3.4e9],
  ['two layers of LLaVA-7B, float16, 576 tokens', language(2, 32, 1.07e9, 'float16'), 576, 'run', 2.2e9],
] as const)('%s: within a factor of 1.5 of what was measured', (_, model, tokens, part, measured) => {
  const expected = estimateMemory(model, tokens)[part];
  expect(expected / measured).toBeGreaterThan(1 / 1.5);
  expect(expected / measured).toBeLessThan(1.5);
});

it('counts the logits of all tokens where a graph cannot choose', () => {
  const [some, all] = [true, false].map(
    (chooses) => estimateMemory(language(2, 32, 1e9, 'int4', chooses), 2304).run,
  );
  expect((all ?? 0) - (some ?? 0)).toBeGreaterThan(2303 * 32_000 * 4);
});

it('grows with weights, tokens and pixels, and float16 takes what float32 of twice the size does', () => {
  const base = language(4, 8, 1e9, 'float32');
  expect(estimateMemory({ ...base, bytes: 2e9 }).run).toBeGreaterThan(estimateMemory(base).run);
  expect(estimateMemory(base, 2000).run).toBeGreaterThan(estimateMemory(base, 1000).run);
  const halved = estimateMemory({ ...encoder, bytes: encoder.bytes / 2, dtype: 'float16' });
  expect(halved.run / estimateMemory(encoder).run).toBeCloseTo(1, 1);
});

const manifest = {
  models: {
    encoder: { ...encoder, file: 'e.onnx', data: [{ file: 'e.onnx_data', bytes: 1e9 }] },
    small: { ...encoder, bytes: 1e6 },
  },
  presets: { llava: { imageTokens: 576 } },
  recipes: {
    'sam/prompted': { models: { samEncoder: 'encoder', again: 'small' } },
    'sam/small': { models: { samEncoder: 'small' } },
  },
} as unknown as BundleManifest;

it('counts weights beside the graph, and says what fits', () => {
  const { models, recipes } = planMemory(manifest, 1.8e9);
  expect(models.map(({ id, disk, fits, imageTokens }) => [id, disk, fits, imageTokens])).toEqual([
    ['encoder', 1_358_500_000, false, undefined],
    ['small', 1e6, true, undefined],
  ]);
  const [both, small] = recipes;
  expect([both?.fits, small?.fits]).toEqual([false, true]);
  // What is kept is at least what is given back; the second model's calls come on top.
  expect(both?.peak.kept).toBeGreaterThan(both?.peak.givenBack ?? Infinity);
  expect(both?.peak.givenBack).toBeGreaterThan(models[0]?.run ?? Infinity);
  const words = {
    ...manifest,
    models: { lm: { ...language(2, 8, 1e8, 'int4'), file: 'x' } },
  } as unknown as BundleManifest;
  expect(planMemory(words, 1e9).models[0]?.imageTokens).toBe(576);
});

const checked = (bytes: number): CheckedModel => ({
  ...encoder,
  bytes,
  id: 'encoder',
  path: 'x',
  sha256: 'y',
});
const never = (): Promise<never> => new Promise(() => undefined);

it('refuses a model that does not fit beside those being opened, and says what, how much and what to do', async () => {
  const gate = new MemoryGate(() => 5e9);
  const first = gate.pass(checked(358e6), 'cpu', async () => 'open');
  await expect(gate.pass(checked(3e9), 'cpu', never)).rejects.toMatchObject({
    code: 'MEMORY_FULL',
    where: 'encoder',
    message: expect.stringMatching(
      /about \d\.\d\d GB .*3\.00 GB of float32 weights.* \d\.\d\d GB are free/,
    ) as string,
    hint: expect.stringContaining('q4') as string,
  });
  expect(await first).toBe('open');
  void gate.pass(checked(358e6), 'cpu', never);
  await expect(gate.pass(checked(358e6), 'cpu', never)).rejects.toMatchObject({ code: 'MEMORY_FULL' });
  // Another device has memory of its own for the call.
  void gate.pass(checked(358e6), 'cuda', never);
  const failing = new MemoryGate(() => 5e9);
  await expect(failing.pass(checked(358e6), 'cpu', () => Promise.reject(new Error('no')))).rejects.toThrow(
    'no',
  );
  expect(await failing.pass(checked(358e6), 'cpu', async () => 'again')).toBe('again');
});
