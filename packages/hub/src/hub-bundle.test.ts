import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PbfWriter } from 'pbf';
import { openBundle } from '@maskloom/runtime';
import { bundleFixture } from './bundle-fixture.test.helper.js';
import { FixtureHub } from './fixture-hub.test.helper.js';
import { hubBundle, type HubBundleOptions } from './hub-bundle.js';
import { readGraphFile } from './onnx/graph-file.js';

const hub = new FixtureHub();
beforeAll(() => hub.server.start());
afterAll(() => hub.stop());

const open = (name: string, options: HubBundleOptions = {}) =>
  openBundle(hubBundle(name, { settings: hub.settings(), ...options }));
const refused = (code: string, ...words: string[]) =>
  expect.objectContaining({
    name: 'MaskloomError',
    code,
    message: expect.stringMatching(new RegExp(words.join('.*'), 's')),
  });
const config = (name: string): Record<string, unknown> =>
  JSON.parse(String(hub.files(name)['config.json'])) as Record<string, unknown>;
/** What the hub's own cache of made graphs holds. */
const made = (): string[] => {
  const folder = join(hub.home, 'maskloom', 'graphs');
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
};

describe('a repository that cannot be used is refused, with nothing half-written:', () => {
  it.each([
    ['', 'owner/name'],
    ['one', 'owner/name'],
    ['a/b/c', 'owner/name'],
    ['a/b@../x', 'owner/name'],
    ['a--b/c', 'owner/name'],
  ])('the name %j', (name, hint) => {
    expect(() => hubBundle(name)).toThrow(refused('VALUE_INVALID', hint));
  });

  it('one that is not there', async () => {
    await expect(open('test/nothing')).rejects.toEqual(refused('HUB_NOT_FOUND', 'test/nothing', 'HF_TOKEN'));
  });

  it('one without ONNX', async () => {
    hub.server.add('test/weights', { 'config.json': '{"model_type":"sam"}', 'model.safetensors': 'x' });
    await expect(open('test/weights')).rejects.toEqual(
      refused('MODEL_UNSUPPORTED', 'no ONNX', 'training kit'),
    );
  });

  it('one of another model_type', async () => {
    hub.server.add('test/vit', { 'config.json': '{"model_type":"vit"}', 'onnx/model.onnx': 'x' });
    await expect(open('test/vit')).rejects.toEqual(refused('MODEL_UNSUPPORTED', "'vit'", 'Valid: '));
  });

  it.each(['{', '[]', '{"architectures":[]}'])('one with the configuration %s', async (text) => {
    hub.server.add('test/broken', { 'config.json': text, 'onnx/model.onnx': 'x' });
    await expect(open('test/broken')).rejects.toEqual(refused('MODEL_UNSUPPORTED', 'test/broken'));
  });

  it('one that lacks the form asked for, naming those that it has', async () => {
    hub.serve('sam');
    const asked = open('test/sam', { dtype: { prompt_encoder_mask_decoder: 'q4' } });
    await expect(asked).rejects.toEqual(refused('HUB_NOT_FOUND', 'q4', 'fp32, fp16, q8'));
  });

  it.each([
    [
      'an input side',
      'sam',
      { vision_config: { image_size: 64, patch_size: 8, output_channels: 32 } },
      'input side',
    ],
    [
      'features',
      'sam',
      { vision_config: { image_size: 32, patch_size: 8, output_channels: 48 } },
      'width 48',
    ],
    ['cells', 'sam', { vision_config: { image_size: 32, patch_size: 4, output_channels: 32 } }, 'cells'],
    ['states', 'onevision', { text_config: { hidden_size: 64, vocab_size: 96 } }, 'width 64'],
    ['patches', 'clip', { vision_config: { image_size: 24, patch_size: 6, hidden_size: 32 } }, 'patches'],
  ])('one whose configuration lies about its %s', async (what, name, change, words) => {
    const lie = JSON.stringify({ ...config(name), ...change });
    hub.serve(name, { 'config.json': lie }, {}, `test/lie-${what.split(' ').join('-')}`);
    await expect(open(`test/lie-${what.split(' ').join('-')}`)).rejects.toEqual(
      refused('MODEL_UNSUPPORTED', words),
    );
  });

  it('one with a graph of other ports, naming what is missing', async () => {
    const files = hub.files('sam');
    const encoder = files['onnx/vision_encoder.onnx'];
    hub.serve('sam', { 'onnx/prompt_encoder_mask_decoder.onnx': encoder }, {}, 'test/ports');
    await expect(open('test/ports')).rejects.toEqual(refused('MODEL_UNSUPPORTED', 'input_points'));
    hub.serve(
      'sam',
      { 'onnx/vision_encoder.onnx': files['onnx/prompt_encoder_mask_decoder.onnx'] },
      {},
      'test/ports2',
    );
    await expect(open('test/ports2')).rejects.toEqual(refused('MODEL_UNSUPPORTED', 'image_embeddings'));
    expect(made().filter((name) => name.endsWith('.tmp') || name.endsWith('.lock'))).toEqual([]);
  });

  it.each([0, 10, 1000, 100_000])('one with a graph cut off after %i bytes', async (length) => {
    const cut = hub.files('sam')['onnx/prompt_encoder_mask_decoder.onnx']?.subarray(0, length);
    hub.serve('sam', { 'onnx/prompt_encoder_mask_decoder.onnx': cut }, {}, `test/cut-${length}`);
    await expect(open(`test/cut-${length}`)).rejects.toEqual(refused('HUB_FILE_DAMAGED', 'whole ONNX graph'));
  });

  it('one that needs more memory than there is', async () => {
    hub.serve('sam');
    await expect(open('test/sam', { memory: 1000 })).rejects.toEqual(refused('MEMORY_FULL', '1 kB', 'q4'));
  });

  it('one whose weights were changed after they were fetched', async () => {
    hub.serve('sam', {}, {}, 'test/changed');
    const bundle = await open('test/changed');
    const { path } = bundle.model('sam/prompted', 'samEncoder');
    writeFileSync(path, Buffer.from(hub.files('sam')['onnx/vision_encoder.onnx'] ?? '').fill(0, 5000, 5010));
    await expect(open('test/changed')).rejects.toMatchObject({
      code: expect.stringMatching(/DAMAGED|MISMATCH/),
    });
  });
});

describe('weights beside a graph', () => {
  /** A graph with one constant of 16 floats in `model.onnx_data`. */
  const graph = (location: string, length: number): Buffer => {
    const field = (tag: number, bytes: Uint8Array): Uint8Array => {
      const pbf = new PbfWriter();
      pbf.writeTag(tag, 2);
      pbf.writeBytes(bytes);
      return pbf.finish();
    };
    const text = (tag: number, value: string): Uint8Array => field(tag, Buffer.from(value));
    const number = (tag: number, value: number): Uint8Array => {
      const pbf = new PbfWriter();
      pbf.writeTag(tag, 0);
      pbf.writeVarint(value);
      return pbf.finish();
    };
    const pair = (key: string, value: string): Uint8Array =>
      field(13, Buffer.concat([text(1, key), text(2, value)]));
    const tensor = [
      number(1, 16),
      number(2, 1),
      text(8, 'w'),
      pair('location', location),
      pair('length', String(length)),
      number(14, 1),
    ];
    const node = Buffer.concat([text(1, 'w'), text(2, 'y'), text(4, 'Identity')]);
    const output = text(1, 'y');
    return Buffer.concat([
      number(1, 8),
      field(7, Buffer.concat([field(1, node), field(5, Buffer.concat(tensor)), field(12, output)])),
      field(8, number(2, 17)),
    ]);
  };

  it('are described without being read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'maskloom-graph-'));
    writeFileSync(join(folder, 'model.onnx'), graph('model.onnx_data', 64));
    const read = await readGraphFile(join(folder, 'model.onnx'));
    expect(read.initializers.get('w')).toMatchObject({ location: 'model.onnx_data', reach: 64, dims: [16] });
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['missing', undefined, 'is not there'],
    ['cut short', Buffer.alloc(40), 'has 40 bytes'],
  ])('%s are found before anything is opened', async (what, data, words) => {
    const name = `test/data-${what.replace(' ', '-')}`;
    const broken = graph('vision_encoder.onnx_data', 64);
    hub.serve('sam', { 'onnx/vision_encoder.onnx': broken, 'onnx/vision_encoder.onnx_data': data }, {}, name);
    await expect(open(name)).rejects.toEqual(refused('HUB_FILE_DAMAGED', 'vision_encoder.onnx_data', words));
  });
});

it('a repository that holds a bundle is that bundle', async () => {
  hub.server.add('test/bundle', bundleFixture());
  const bundle = await open('test/bundle');
  expect(bundle.name).toBe('published');
  expect(bundle.model('test/one', 'adder').path).toContain('models--test--bundle');
  expect(existsSync(join(bundle.root, 'README.md'))).toBe(false);
});
