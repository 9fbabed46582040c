import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createFeatureCache } from '../cache/feature-cache.js';
import { compose } from '../compose/compose.js';
import { conformanceCases, fakeHost, fakeRun, fakeSource } from '../conformance/index.js';
import { fakeImage } from '../conformance/fake-image.js';
import { newLog, toyEncoder, toyLanguage, toyModel, toyRecipe } from '../pipeline/toy-system.test-helper.js';
import type { Encoder as EncoderStage } from '../slots/encoder.js';
import { DepthEstimator, depthRecipe, toyDepth } from '../slots/depth.test-helper.js';
import { Encoder, LanguageModel, PointPrompter } from '../slots/slot.js';
import { defineStage } from './define-stage.js';
import { wrapStage } from './wrap-stage.js';

const image = fakeImage(4, 3);
const context = () => ({
  models: fakeHost({ models: { encoder: toyModel } }),
  signal: new AbortController().signal,
  warn: () => undefined,
});
const source = () => fakeSource({ models: { encoder: toyModel } });

/** Counts its calls in a private field, learns its device at its first call, and has a getter. */
class Stateful implements EncoderStage {
  readonly cacheKey = 'stateful';
  readonly widths = { embedding: 8 };
  #calls = 0;
  disposed = false;
  get device(): string {
    return this.#calls === 0 ? 'js' : 'cuda';
  }
  get calls(): number {
    return this.#calls;
  }
  async encode(): Promise<never> {
    this.#calls++;
    return { n: this.#calls } as never;
  }
  dispose(): void {
    this.disposed = true;
  }
}

const stateful = (made: Stateful[] = []) =>
  defineStage({
    slot: Encoder,
    name: 'demo/stateful',
    summary: '',
    options: z.object({ size: z.number().default(3) }),
    needs: ['image'],
    gives: ['mask-features'],
    create: () => {
      const stage = new Stateful();
      made.push(stage);
      return stage;
    },
  });

describe('wrapStage', () => {
  it('leaves everything but the wrapped calls to the stage inside', async () => {
    const made: Stateful[] = [];
    const spec = wrapStage(
      stateful(made)(),
      { encode: async (inner, ...args) => ({ ...(await inner.encode(...args)), wrapped: true }) as never },
      { name: 'demo/wrapper', options: { by: 2 } },
    );
    expect(spec).toMatchObject({
      slot: 'Encoder',
      fills: Encoder,
      needs: ['image'],
      gives: { 'mask-features': true },
    });
    expect(spec.name).toBe('demo/wrapper');
    expect(spec.options).toEqual({ by: 2, wraps: { stage: 'demo/stateful', options: { size: 3 } } });
    const stage = (await spec.create(context())) as Stateful;
    expect([stage.widths, stage.device]).toEqual([{ embedding: 8 }, 'js']);
    expect(await (stage as EncoderStage).encode(image, fakeRun())).toEqual({ n: 1, wrapped: true });
    expect([stage.device, stage.calls, made[0]?.calls]).toEqual(['cuda', 1, 1]);
    stage.dispose();
    expect(made[0]?.disposed).toBe(true);
  });

  it('keeps the cache key unless the features are others', async () => {
    const key = async (
      ...[around, naming]: [Parameters<typeof wrapEncode>[0]?, { name: string; options?: object }?]
    ) => ((await wrapEncode(around, naming).create(context())) as EncoderStage).cacheKey;
    const wrapEncode = (around = true, naming?: { name: string; options?: object }) =>
      wrapStage(
        stateful()(),
        around ? { encode: (inner, ...args) => inner.encode(...args) } : {},
        naming as never,
      );
    expect(await key(false)).toBe('stateful');
    expect(await key(false, { name: 'demo/named' })).toBe('stateful');
    const named = await key(true, { name: 'demo/named', options: { by: 2 } });
    expect(named).toContain('stateful');
    expect(named).toBe(await key(true, { name: 'demo/named', options: { by: 2 } }));
    const keys = [
      named,
      await key(true, { name: 'demo/named', options: { by: 3 } }),
      await key(),
      await key(),
      'stateful',
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('does not take the features of the stage inside for its own', async () => {
    const log = newLog();
    const doubled = wrapStage(toyEncoder(log)(), {
      async encode(inner, ...args) {
        const map = await inner.encode(...args);
        const [value = 0] = await map.tensor.read();
        return { ...map, width: value };
      },
    });
    const cache = createFeatureCache();
    const plain = await compose(toyRecipe(log)).on(source()).build();
    const wrapped = await compose(toyRecipe(log)).with(Encoder, doubled).on(source()).build();
    for (const pipeline of [plain, wrapped, wrapped])
      await pipeline.segment(image, { task: 'free' }, { cache });
    expect([cache.hits, cache.misses]).toEqual([1, 2]);
    const { stages } = await wrapped.segment(image, { task: 'free' }, { cache });
    expect(stages[0]).toMatchObject({ slot: 'Encoder', stage: 'toy/encoder-wrapped', device: 'cpu' });
    cache.dispose();
    await plain.dispose();
    await wrapped.dispose();
  });

  it('wraps stages of any slot, wrapped ones and those of sessions too', async () => {
    const louder = wrapStage(toyLanguage(newLog())(), {
      async read(inner, features, run, purpose) {
        const session = await inner.read(features, run, purpose);
        return {
          ...session,
          answer: async (prompt, own) => {
            const answer = await session.answer(prompt, own);
            return { ...answer, text: answer.text.toUpperCase() };
          },
        };
      },
    });
    const twice = wrapStage(louder, {}, { name: 'demo/twice' });
    const pipeline = await compose(toyRecipe(newLog())).with(LanguageModel, twice).on(source()).build();
    const { answer, stages } = await pipeline.segment(image, { task: 'free', text: 'hush' });
    expect(answer).toMatch(/^HUSH /);
    expect(stages[1]?.stage).toBe('demo/twice');
    await pipeline.dispose();

    const deeper = wrapStage(toyDepth()(), {
      estimate: async (inner, ...args) => ({
        values: (await inner.estimate(...args)).values.map((v) => v + 1),
      }),
    });
    const depth = await compose(depthRecipe()).with(DepthEstimator, deeper).on(source()).build();
    expect((await depth.segment(image, { task: 'free' })).answer).toBe(`${(image.rgb[0] ?? 0) + 1} 4`);
    await depth.dispose();
  });

  it("keeps the slot's contract", async () => {
    const spec = wrapStage(
      defineStage({
        slot: PointPrompter,
        name: 'demo/middle',
        summary: '',
        options: z.object({}),
        needs: [],
        gives: ['point-prompt'],
        create: () => ({
          prompt: async ({ imageStates: { transform } }) => ({
            points: {
              frame: 'ImagePx',
              xy: Float32Array.of(transform.original.width / 2, transform.original.height / 2),
              labels: Int8Array.of(1),
            },
          }),
        }),
      })(),
      { prompt: (inner, ...args) => inner.prompt(...args) },
    );
    for (const { run } of conformanceCases('PointPrompter', spec)) await run();
  });

  it('says when there is nothing to wrap, or no name', async () => {
    const spec = wrapStage(stateful()(), { encod: () => undefined } as never);
    await expect(spec.create(context())).rejects.toMatchObject({
      code: 'STAGE_MISMATCH',
      message: expect.stringMatching(/encod\(\)[^]*'encode'/) as string,
    });
    expect(() => wrapStage(stateful()(), {}, { name: 'Mine' })).toThrow(
      expect.objectContaining({ code: 'VALUE_INVALID' }),
    );
  });
});
