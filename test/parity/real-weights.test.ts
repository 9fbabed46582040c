import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeRun } from '@maskloom/core/conformance';
import type { BuildContext, ModelHost } from '@maskloom/core';
import { hubBundle } from '@maskloom/hub';
import { openTextModel } from '@maskloom/llava';
import { localModel } from '@maskloom/lmseg';
import { sentenceSimilarity } from '@maskloom/rose';
import { folderBundle, onnx, type OnnxSource } from '@maskloom/runtime';
import { FixtureHub } from '../../packages/hub/src/fixture-hub.test.helper.js';

/**
 * Real weights that packages ship, against transformers on the same weights (`training/golden/real_text.py`). Only on request:
 * `REAL_WEIGHTS=1 npm run training:setup`, then `REAL_WEIGHTS=1 npx vitest run --project parity test/parity/real-weights.test.ts`.
 */
const training = fileURLToPath(new URL('../../training/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'maskloom-real-'));
const hub = new FixtureHub();
const sources: OnnxSource[] = [];

async function python<T>(what: string): Promise<T> {
  const script = [join(training, 'golden', 'real_text.py'), what, join(folder, what)];
  const { stdout } = await promisify(execFile)(join(training, '.venv', 'bin', 'python'), script, {
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}

function open(source: OnnxSource, recipe: string): Promise<ModelHost> {
  sources.push(source);
  return source.open(recipe);
}

const within = (models: ModelHost): BuildContext => ({
  models,
  signal: new AbortController().signal,
  warn: () => undefined,
});

describe.skipIf(process.env['REAL_WEIGHTS'] !== '1')('real weights', () => {
  afterAll(async () => {
    await Promise.all(sources.map((source) => source.dispose()));
    await hub.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  describe('SmolLM2-135M-Instruct', () => {
    let wanted: {
      readonly prompts: readonly string[];
      readonly most: number;
      readonly ids: Readonly<Record<string, readonly (readonly number[])[]>>;
    };
    beforeAll(async () => {
      wanted = await python('smollm2');
    }, 1_800_000);

    it.each(['f32', 'q4'])('writes greedily what transformers writes, token by token (%s)', async (dtype) => {
      const bundle = folderBundle(join(folder, 'smollm2', dtype));
      const model = await openTextModel(await open(onnx({ bundle, device: 'cpu' }), 'llama/language'));
      for (const [i, prompt] of wanted.prompts.entries()) {
        const { tokenIds, text } = await model.write(prompt, wanted.most, fakeRun());
        expect(tokenIds).toEqual(wanted.ids[dtype]?.[i]);
        expect(text.length).toBeGreaterThan(10);
      }
    });

    it('describes classes for LMSeg without a service, the same each time', async () => {
      const bundle = folderBundle(join(folder, 'smollm2', 'q4'));
      const models = await open(onnx({ bundle, device: 'cpu' }), 'llama/language');
      const names = ['banana', 'fire hydrant'];
      const first = await localModel().open(within(models));
      const all = await first.describe(names, 'all', fakeRun());
      const again = await localModel().open(within(models));
      expect(await again.describe(names, 'all', fakeRun())).toEqual(all);
      names.forEach((name, i) => {
        expect(all[i]).toHaveLength(3);
        for (const sentence of all[i] ?? []) {
          expect(sentence).toContain(name);
          expect(sentence).toMatch(/[.!?]$/);
        }
      });
      expect(await first.describe(['banana'], 'colour', fakeRun())).toEqual([[all[0]?.[0]]]);
    });
  });

  it('all-MiniLM-L6-v2 from a hub maps names to labels as transformers does, eight bits for 32', async () => {
    const wanted = await python<{
      readonly names: readonly string[];
      readonly labels: readonly string[];
      readonly cosines: readonly (readonly number[])[];
    }>('minilm');
    await hub.server.start();
    const files = readdirSync(join(folder, 'minilm'), { recursive: true, encoding: 'utf8' })
      .filter((file) => /^(onnx\/.*\.onnx|\w+\.json)$/.test(file))
      .map((file) => [file, readFileSync(join(folder, 'minilm', file))] as const);
    hub.server.add('test/minilm', Object.fromEntries(files));
    const bundle = hubBundle('test/minilm', { settings: hub.settings(), dtype: 'int8' });
    const models = await open(onnx({ bundle, device: 'cpu' }), 'bert/sentence');
    const mapper = await sentenceSimilarity().create(within(models));
    const matches = await mapper.map(wanted.names, wanted.labels, fakeRun());
    wanted.cosines.forEach((row, i) => {
      const best = Math.max(...row);
      expect(matches[i]?.label).toBe(wanted.labels[row.indexOf(best)]);
      expect(Math.abs((matches[i]?.score ?? 0) - best)).toBeLessThan(0.05);
    });
    expect(matches.map(({ label }) => label)).toEqual(['sofa', 'tv', 'dog', 'car', 'grass']);
  });
});
