import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hostTensor } from '../domain/host-tensor.js';
import { tensorBytes } from '../domain/tensor-bytes.js';
import type { CoreSlotName, SlotStages } from '../slots/slot-stages.js';
import type { Slot } from '../slots/slot-value.js';
import * as slots from '../slots/slot.js';
import { defineStage } from '../stage/define-stage.js';
import { conformanceCases } from './conformance-cases.js';
import { fakeHost } from './fake-host.js';
import { FakeTensor } from './fake-tensor.js';
import { aggregator, embedder, fuser, semantic, tiler } from './samples/dense.test-helper.js';
import { analyzer, generator, language, mapper, projector, writer } from './samples/language.test-helper.js';
import { float, type Sample } from './samples/sample.test-helper.js';
import { assembler, decoder, encoder, model, prompter, refiner } from './samples/vision.test-helper.js';

const samples: { readonly [K in CoreSlotName]: Sample<K> } = {
  Tiler: tiler,
  Encoder: encoder,
  VisionEncoder: encoder,
  LanguageModel: language,
  PatchAnalyzer: analyzer,
  QueryProjector: projector,
  PointPrompter: prompter,
  MaskDecoder: decoder,
  CategoryGenerator: generator,
  PromptWriter: writer,
  TextEmbedder: embedder,
  FeatureFuser: fuser,
  CostAggregator: aggregator,
  SemanticAssembler: semantic,
  LabelMapper: mapper,
  Refiner: refiner,
  Assembler: assembler,
};

function casesOf<K extends CoreSlotName>(
  name: K,
  spoil: (good: SlotStages[K]) => SlotStages[K] = (good) => good,
) {
  const sample: Sample<K> = samples[name];
  const spec = defineStage({
    slot: slots[name] as unknown as Slot<K>,
    name: 'demo/sample',
    summary: '',
    options: z.object({}),
    needs: [],
    gives: [],
    create: async (_, { models }) => spoil(await sample.make(models)),
  });
  return conformanceCases(name, spec(), sample.options);
}

describe.each(slots.SLOTS.map(({ name }) => name))('the conformance suite of %s', (name) => {
  it.each(casesOf(name).map((one) => [one.name, one.run] as const))('passes a good stage: %s', (_, run) =>
    run(),
  );

  it.each(Object.keys(samples[name].spoils))('notices a stage that fails: %s', async (spoilt) => {
    const spoil = samples[name].spoils[spoilt as never] as never;
    const failing = casesOf(name, spoil).find((one) => one.name === `demo/sample: ${spoilt}`);
    await expect(failing?.run()).rejects.toThrow();
  });
});

describe('fakes', () => {
  it('behave as real tensors do', async () => {
    const count = { live: 0 };
    const tensor = new FakeTensor(hostTensor('int64', [2], BigInt64Array.of(1n, -2n)), count);
    expect([...(await tensor.read()), count.live, tensorBytes(tensor)]).toEqual([1, -2, 1, 16]);
    tensor.release();
    tensor.release();
    expect(count.live).toBe(0);
    await expect(tensor.read()).rejects.toMatchObject({ code: 'TENSOR_RELEASED' });
  });

  it('refuse what a real host refuses', async () => {
    const host = fakeHost({ models: { encoder: model } });
    await expect(host.model('encodr')).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringContaining("'encoder'") as string,
    });
    const session = await host.model('encoder');
    const scope = host.scope();
    await expect(session.run({}, { scope })).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED' });
    const x = float([1, 8, 4, 4], new Float32Array(128));
    await expect(session.run({ x }, { scope, outputs: ['z'] })).rejects.toMatchObject({
      code: 'MODEL_RUN_FAILED',
    });
    await expect(session.run({ x }, { scope, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    await host.dispose();
    await expect(session.run({ x }, { scope })).rejects.toMatchObject({ code: 'DISPOSED' });
  });
});
