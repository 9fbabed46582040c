import { afterAll, beforeAll, expect, it } from 'vitest';
import { hostTensor, type ModelHost, type ModelSession, type TensorLike } from '@maskloom/core';
import { fakeRun } from '@maskloom/core/conformance';
import { siglipTower } from '@maskloom/clip';
import { hubBundle } from '@maskloom/hub';
import { oneVisionLanguageModel } from '@maskloom/llava';
import { onnx, type OnnxSource } from '@maskloom/runtime';
import { FixtureHub, wordTokenizer } from '../../packages/hub/src/fixture-hub.test.helper.js';

/** A ready-made LLaVA-OneVision of random weights: its template has no `<s>` and no mark right before the picture. */
const hub = new FixtureHub();
const MARKS = { '<unk>': 0, '<|im_start|>': 93, '<|im_end|>': 94 };
const WORDS = { user: 1, assistant: 2, what: 3, is: 4, this: 5 };
let source: OnnxSource;
let host: ModelHost;
beforeAll(async () => {
  await hub.server.start();
  const bundle = hubBundle(hub.serve('onevision', wordTokenizer(WORDS, MARKS)), { settings: hub.settings() });
  source = onnx({ bundle, device: 'cpu', threads: 1 });
  host = await source.open('onevision/language');
});
afterAll(async () => {
  await source.dispose();
  await hub.stop();
});

/** Greedy ids without a cache: the whole sequence is read again for each. */
async function plainly(
  before: readonly number[],
  picture: Float32Array,
  behind: readonly number[],
  count: number,
) {
  const [embedding, model] = [await host.model('tokenEmbedding'), await host.model('languageModel')];
  const scope = host.scope();
  const embed = async (ids: readonly number[]): Promise<Float32Array> => {
    const input_ids = hostTensor('int64', [1, ids.length], BigInt64Array.from(ids, BigInt));
    const { inputs_embeds } = await embedding.run({ input_ids }, { scope });
    return (await inputs_embeds?.read()) ?? new Float32Array(0);
  };
  const written: number[] = [];
  while (written.length < count) {
    const parts = [await embed(before), picture, await embed([...behind, ...written])];
    const logits = await lastLogits(model, Float32Array.from(parts.flatMap((part) => [...part])));
    const next = logits.indexOf(Math.max(...logits));
    if (next === MARKS['<|im_end|>']) break;
    written.push(next);
  }
  scope.release();
  return written;
}

async function lastLogits(model: ModelSession, embeds: Float32Array): Promise<Float32Array> {
  const width = 32;
  const length = embeds.length / width;
  const whole = (values: readonly number[]): TensorLike =>
    hostTensor('int64', [1, values.length], BigInt64Array.from(values, BigInt));
  const every = Array.from({ length }, (_, i) => i);
  const feeds: Record<string, TensorLike> = {
    inputs_embeds: hostTensor('float32', [1, length, width], embeds),
    attention_mask: whole(every.map(() => 1)),
    position_ids: whole(every),
  };
  for (const { name, shape } of model.inputs) {
    if (name.startsWith('past_key_values.'))
      feeds[name] = hostTensor('float32', [1, Number(shape[1]), 0, Number(shape[3])], new Float32Array(0));
    if (name === 'logits_at') feeds[name] = hostTensor('int64', [1], BigInt64Array.of(BigInt(length - 1)));
  }
  const scope = host.scope();
  const { logits } = await model.run(feeds, { scope, outputs: ['logits'] });
  const values = (await logits?.read()) ?? new Float32Array(0);
  scope.release();
  return values.slice(-96);
}

it('is asked in its own template, by nothing but the stages of the SDK', async () => {
  const context = { models: host, signal: new AbortController().signal, warn: () => undefined };
  const rgb = Uint8Array.from({ length: 3 * 30 * 20 }, (_, i) => (i * 37) % 256);
  const image = { width: 30, height: 20, rgb, sha256: 'seen' };
  const scope = host.scope();
  const run = { ...fakeRun(), scope };
  const features = await (await siglipTower().create(context)).encode(image, run);
  const language = await oneVisionLanguageModel({ maxNewTokens: 8 }).create(context);
  const session = await language.read(features, run, { task: 'referring', text: 'what is this' });
  const { tokenIds } = await session.answer({ text: 'what is this', watch: [] }, run);
  const picture = await features.tensor.read();
  expect(picture).toHaveLength(9 * 32);
  // <|im_start|>user {image}\n{text}<|im_end|>\n<|im_start|>assistant
  expect(tokenIds).toEqual(await plainly([93, 1], picture, [3, 4, 5, 94, 93, 2], 8));
  expect(tokenIds.length).toBeGreaterThan(0);
  scope.release();
});
