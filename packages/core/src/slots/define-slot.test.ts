import { describe, expect, it } from 'vitest';
import { createFeatureCache } from '../cache/feature-cache.js';
import { compose } from '../compose/compose.js';
import { conformanceCases, probe } from '../conformance/index.js';
import { fakeSource } from '../conformance/fake-host.js';
import { fakeImage } from '../conformance/fake-image.js';
import { must } from '../conformance/expectations.js';
import { defineRecipe } from '../define-recipe.js';
import { newLog, toyEncoder, toyModel } from '../pipeline/toy-system.test-helper.js';
import { definePlugin } from '../plugins/plugin.js';
import { createRegistry } from '../plugins/registry.js';
import { defineSlot } from './define-slot.js';
import { DepthEncoder, DepthEstimator, depthRecipe, toyDepth, toyDepthEncoder } from './depth.test-helper.js';
import { slotsInOrder } from './slot-of.js';
import { compareSlots } from './slot-value.js';
import { Encoder, SLOTS, VisionEncoder } from './slot.js';

const image = fakeImage(4, 3);
const source = () => fakeSource({ models: { encoder: toyModel } });
const coded = (code: string, ...texts: string[]) =>
  expect.objectContaining({ code, message: expect.stringMatching(new RegExp(texts.join('[^]*'))) as string });

describe('defineSlot', () => {
  it('gives a frozen value that comes right behind the slot it names', () => {
    expect(Object.isFrozen(DepthEstimator) && Object.isFrozen(DepthEstimator.place)).toBe(true);
    const shuffled = [VisionEncoder, DepthEncoder, ...SLOTS.slice(3), DepthEstimator, Encoder];
    expect([...shuffled].sort(compareSlots).map(({ name }) => name)).toEqual([
      'Encoder',
      'DepthEstimator',
      'DepthEncoder',
      'VisionEncoder',
      ...SLOTS.slice(3).map(({ name }) => name),
    ]);
  });

  it("keeps core's own slots in the order of their list", () => {
    expect([...SLOTS].reverse().sort(compareSlots)).toEqual(SLOTS);
  });

  it('refuses names that are none or are taken, and places that are not there', () => {
    const definition = { after: 'Encoder', summary: '' } as const;
    expect(() => defineSlot('depth' as never, definition)).toThrow(
      coded('VALUE_INVALID', 'depth', 'PascalCase'),
    );
    expect(() => defineSlot('Encoder' as never, definition)).toThrow(
      coded('VALUE_INVALID', 'Encoder', 'core'),
    );
    expect(() => defineSlot('DepthEncoder', { ...definition, after: 'Encodr' as never })).toThrow(
      coded('SLOT_UNKNOWN', "'Encodr'", "Did you mean 'Encoder'", 'the slot itself'),
    );
  });
});

describe('a slot of another package', () => {
  it('is built in its place, timed, told of and described like any other', async () => {
    const log = newLog();
    const pipeline = await compose(depthRecipe(log)).on(source()).build();
    expect(log).toEqual(['make encoder', 'make depth', 'make encoder']);
    const events: string[] = [];
    pipeline.events.on('stage:end', ({ slot, stage, device }) => events.push(`${slot} ${stage} ${device}`));
    pipeline.events.on('warning', ({ slot, message }) => events.push(`${slot}: ${message}`));
    const { answer, stages, warnings } = await pipeline.segment(image, { task: 'free' });
    expect(answer).toBe(`${image.rgb[0]} 4`);
    expect(events).toEqual([
      'Encoder toy/encoder cpu',
      'DepthEncoder depth/encoder cpu',
      'DepthEstimator: toy depth',
      'DepthEstimator depth/toy js',
    ]);
    expect(stages.map(({ slot, stage }) => `${slot} ${stage}`)).toEqual([
      'Encoder toy/encoder',
      'DepthEncoder depth/encoder',
      'DepthEstimator depth/toy',
    ]);
    expect(warnings).toEqual(['toy depth']);
    expect(pipeline.describe().stages.map(({ slot, options, widths }) => [slot, options, widths])).toEqual([
      ['Encoder', { model: 'encoder' }, undefined],
      ['DepthEstimator', { scale: 1 }, { depth: 1 }],
      ['DepthEncoder', {}, undefined],
    ]);
    const saved = pipeline.converse(image);
    await saved.ask({ task: 'free' });
    const again = pipeline.converse(image, { from: JSON.parse(JSON.stringify(saved.save())) as never });
    expect(again.prediction?.stages.map(({ slot }) => slot)).toContain('DepthEstimator');
    await pipeline.dispose();
    expect(log.slice(-3)).toEqual(['dispose encoder', 'dispose depth', 'dispose encoder']);
  });

  it('is swapped, and its wiring is checked', async () => {
    const recipe = depthRecipe();
    const swapped = compose(recipe)
      .with(DepthEstimator, toyDepth()({ scale: 2 }))
      .on(source());
    const pipeline = await swapped.build();
    expect((await pipeline.segment(image, { task: 'free' })).answer).toBe(`${(image.rgb[0] ?? 0) * 2} 4`);
    await pipeline.dispose();
    const silent = { ...toyDepth()(), gives: {} } as never;
    expect(() => compose(recipe).with(DepthEstimator, silent).check()).toThrow(
      coded('STAGE_MISMATCH', 'depth/toy', "does not give 'depth-map'"),
    );
    const wordless = { ...toyDepth()(), create: () => ({}) } as never;
    await expect(compose(recipe).with(DepthEstimator, wordless).on(source()).build()).rejects.toEqual(
      coded('STAGE_MISMATCH', 'no estimate', 'DepthEstimator'),
    );
  });

  it('shares the features of its encoders', async () => {
    const log = newLog();
    const pipeline = await compose(depthRecipe(log)).on(source()).build();
    const cache = createFeatureCache();
    await pipeline.segment(image, { task: 'free' }, { cache });
    // Both towers have one cache key: the second is answered by the first.
    expect(log.filter((entry) => entry === 'encode')).toHaveLength(1);
    expect([cache.hits, cache.misses]).toEqual([1, 1]);
    cache.dispose();
    await pipeline.dispose();
  });

  it('is known to a registry by the stages and recipes that carry it', () => {
    const api = '^1.0';
    const stages = [toyDepth(), toyDepthEncoder()];
    const registry = createRegistry().register(
      definePlugin({ name: 'depth', version: '0.1.0', api, stages, recipes: [depthRecipe()] }),
    );
    expect(
      registry
        .slots()
        .map(({ name }) => name)
        .slice(0, 5),
    ).toEqual(['Tiler', 'Encoder', 'DepthEstimator', 'DepthEncoder', 'VisionEncoder']);
    expect(registry.stages(DepthEstimator)).toEqual([stages[0]]);
    const other = { ...DepthEstimator, summary: 'Something else.' };
    const clash = Object.assign(() => toyDepth()(), { ...stages[0], fills: other, stageName: 'other/depth' });
    const plugin = definePlugin({ name: 'other', version: '0.1.0', api, stages: [clash as never] });
    expect(() => registry.register(plugin)).toThrow(coded('PLUGIN_DUPLICATE', "slot 'DepthEstimator'"));
    expect(() => registry.stage('depth/toy', Encoder)).toThrow(
      coded('STAGE_MISMATCH', 'fills DepthEstimator'),
    );
    expect(registry.stage('depth/toy', DepthEstimator)).toBe(stages[0]);
  });

  it('must be carried by its stages', () => {
    const { fills: _, ...bare } = toyDepth()();
    expect(() => slotsInOrder([bare])).toThrow(coded('SLOT_UNKNOWN', 'DepthEstimator', 'defineStage'));
    const wires = { supplies: ['image'], demands: [] } as const;
    expect(() =>
      defineRecipe({
        system: 'demo',
        name: 'misnamed',
        summary: '',
        tasks: ['free'],
        wiring: { DepthEstimatr: wires } as never,
        stages: { DepthEstimator: toyDepth()() } as never,
        run: async () => ({ answer: '', segments: [] }),
      }),
    ).toThrow(coded('SLOT_UNKNOWN', "'DepthEstimatr'", "Did you mean 'DepthEstimator'"));
  });
});

describe("the conformance suite of another package's slot", () => {
  const depthProbe = probe('DepthEstimator', {
    call: (stage, at, run) => stage.estimate(at.image, run),
    check: ({ values }) => must(values.length === 1, `${values.length} values.`),
  });

  it('runs what the slot comes with', async () => {
    const cases = conformanceCases('DepthEstimator', toyDepth()(), { probe: depthProbe });
    expect(cases.length).toBeGreaterThan(6);
    for (const { run } of cases) await run();
    const two = {
      ...toyDepth()(),
      create: () => ({ estimate: async () => ({ values: new Float32Array(2) }) }),
    };
    const spoilt = conformanceCases('DepthEstimator', two, { probe: depthProbe });
    await expect(spoilt.find(({ name }) => name.includes('contract'))?.run()).rejects.toEqual(
      coded('CONFORMANCE_FAILED', '2 values'),
    );
    const mute = conformanceCases(
      'DepthEstimator',
      { ...two, create: () => ({}) as never },
      { probe: depthProbe },
    );
    await expect(mute[0]?.run()).rejects.toEqual(coded('CONFORMANCE_FAILED', 'no estimate'));
  });

  it('asks for a probe, and takes none for a slot of core', () => {
    expect(() => conformanceCases('DepthEstimator', toyDepth()())).toThrow(coded('VALUE_INVALID', 'probe'));
    const encoderProbe = probe('Encoder', { call: async () => 1, check: () => undefined });
    expect(() => conformanceCases('Encoder', toyEncoder([])(), { probe: encoderProbe })).toThrow(
      coded('VALUE_INVALID', 'of its own'),
    );
  });
});
