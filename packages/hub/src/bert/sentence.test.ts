import { afterAll, beforeAll, expect, it } from 'vitest';
import { onnx, type OnnxSource } from '@maskloom/runtime';
import { difference, FixtureHub, golden, ids, wordTokenizer } from '../fixture-hub.test.helper.js';
import { hubBundle, type HubBundleOptions } from '../hub-bundle.js';

const hub = new FixtureHub();
const sources: OnnxSource[] = [];
beforeAll(async () => {
  await hub.server.start();
  hub.serve('bert', wordTokenizer({}));
});
afterAll(async () => {
  await Promise.all(sources.map((source) => source.dispose()));
  await hub.stop();
});

async function embed(name: string, options: HubBundleOptions = {}): Promise<Float32Array> {
  const expected = await golden('bert');
  const bundle = hubBundle(`test/${name}`, { settings: hub.settings(), ...options });
  const source = onnx({ bundle, device: 'cpu', threads: 1 });
  sources.push(source);
  const host = await source.open('bert/sentence');
  const session = await host.model('sentenceText');
  const feeds = { input_ids: ids(expected('input_ids')), attention_mask: ids(expected('attention_mask')) };
  const { text_embed } = await session.run(feeds, { scope: host.scope() });
  return (await text_embed?.read()) ?? new Float32Array(0);
}

it('a ready-made BERT embeds sentences as PyTorch with mean pooling does, within 1e-4, short ones beside long ones', async () => {
  const { most, range } = difference(await embed('bert'), (await golden('bert'))('text_embed').values);
  expect(most).toBeLessThan(1e-4);
  expect(range).toBeGreaterThan(0.1);
});

it('and within its rounding in the form q8', async () => {
  const { most, range } = difference(
    await embed('bert', { dtype: 'q8' }),
    (await golden('bert'))('text_embed').values,
  );
  expect(most).toBeLessThan(0.25 * range);
  expect(most).toBeGreaterThan(0);
});

it('one without token states is refused', async () => {
  const clip = hub.files('clip')['onnx/text_model.onnx'];
  hub.serve('bert', { ...wordTokenizer({}), 'onnx/model.onnx': clip }, {}, 'test/no-states');
  await expect(embed('no-states')).rejects.toMatchObject({
    code: 'MODEL_UNSUPPORTED',
    message: expect.stringMatching(/attention_mask|last_hidden_state/) as string,
  });
});
