import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, type AnyRecipe, type SegmentRequest } from '@maskloom/core';
import { full as lmseg } from '@maskloom/lmseg';
import { full as read } from '@maskloom/read';
import { patch } from '@maskloom/rose';
import { folderBundle, onnx } from '@maskloom/runtime';
import { prompted } from '@maskloom/sam';
import { makeScene } from '@maskloom/synth';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'maskloom-simplified-'))));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const { rgb } = makeScene(8_930_000, 128, 128);
const image = { rgb, width: 128, height: 128, sha256: 'a scene' };
const points = { frame: 'ImagePx', xy: Float32Array.of(40, 50), labels: Int8Array.of(1) } as const;

/** A prediction without times. */
async function predicted(recipe: AnyRecipe, request: SegmentRequest, cache: string): Promise<unknown> {
  vi.stubEnv('MASKLOOM_CACHE', cache);
  const models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu' });
  const pipeline = await compose(recipe).on(models).build();
  const { stages: _, ...prediction } = await pipeline.segment(image, request);
  await pipeline.dispose();
  await models.dispose();
  return prediction;
}

it.each<[string, AnyRecipe, SegmentRequest]>([
  ['sam', prompted, { task: 'prompted', prompts: [{ points }] }],
  ['read', read, { task: 'referring', text: 'the red striped star' }],
  ['rose', patch, { task: 'free' }],
  ['lmseg', lmseg, { task: 'semantic', labels: ['sky', 'grass', 'star'] }],
])('%s: kept graphs give the same to the bit as the models themselves', async (system, recipe, request) => {
  // A cache that cannot be written: models are opened as they are.
  const none = join(folder, 'no-folder');
  writeFileSync(none, '');
  const own = await predicted(recipe, request, none);
  const cache = join(folder, system);
  expect(await predicted(recipe, request, cache)).toEqual(own);
  const kept = readdirSync(join(cache, 'simplified'));
  expect(kept.length).toBeGreaterThan(3);
  expect(await predicted(recipe, request, cache)).toEqual(own);
});
