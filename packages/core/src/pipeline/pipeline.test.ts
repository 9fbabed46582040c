import { encodeMask, MaskloomError } from '@maskloom/masks';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fakeSource } from '../conformance/fake-host.js';
import { fakeImage } from '../conformance/fake-image.js';
import { fakeTensor } from '../conformance/fake-tensor.js';
import { compose } from '../compose/compose.js';
import { defineRecipe } from '../define-recipe.js';
import { outcomeOf } from '../domain/prediction.js';
import { PointPrompter } from '../slots/slot.js';
import type { RunContext } from '../slots/stage.js';
import { defineStage } from '../stage/define-stage.js';
import type { StageEndEvent } from './events.js';
import { newLog, toyEncoder, toyModel, toyRecipe } from './toy-system.test-helper.js';

const image = fakeImage(4, 3);
const request = { task: 'referring', text: 'it' } as const;
const build = async (log = newLog(), onPrompt?: (run: RunContext) => unknown) => {
  const source = fakeSource({ models: { encoder: toyModel } });
  const pipeline = await compose(toyRecipe(log, onPrompt)).on(source).build();
  return { pipeline, log, host: () => source.hosts[0] };
};

describe('Pipeline.segment', () => {
  it('gives one trace per slot in the order of first calls, with devices', async () => {
    const { pipeline } = await build();
    const { stages, system, recipe, warnings, request: asked } = await pipeline.segment(image, request);
    expect(stages.map(({ slot, stage, device }) => [slot, stage, device])).toEqual([
      ['Encoder', 'toy/encoder', 'cpu'],
      ['LanguageModel', 'toy/language', 'js'],
      ['PointPrompter', 'toy/prompter', 'js'],
    ]);
    expect({ system, recipe, warnings, asked }).toEqual({
      system: 'toy',
      recipe: 'chain',
      warnings: [],
      asked: request,
    });
  });

  it('hands on what a recipe gives as evidence', async () => {
    const evidence = { semantic: { views: 1, classes: [] } };
    const recipe = { ...toyRecipe(newLog()), run: async () => ({ answer: '', segments: [], evidence }) };
    const pipeline = await compose(recipe)
      .on(fakeSource({ models: { encoder: toyModel } }))
      .build();
    expect((await pipeline.segment(image, request)).evidence).toBe(evidence);
  });

  it('tells a refusal from an empty mask', async () => {
    const mask = encodeMask(new Uint8Array(4), 2, 2);
    const segment = (area: number) => ({ label: 'a', score: 1, bbox: [0, 0, 0, 0] as const, area, mask });
    const cases = [
      [{ segments: [], refused: true }, 'refused'],
      [{ segments: [] }, 'empty'],
      [{ segments: [segment(0)] }, 'empty'],
      [{ segments: [segment(0), segment(3)] }, 'segmented'],
    ] as const;
    for (const [given, outcome] of cases) {
      const recipe = { ...toyRecipe(newLog()), run: async () => ({ answer: '', ...given }) };
      const pipeline = await compose(recipe)
        .on(fakeSource({ models: { encoder: toyModel } }))
        .build();
      expect((await pipeline.segment(image, request)).outcome).toBe(outcome);
      expect(outcomeOf({ segments: given.segments })).toBe(outcome === 'refused' ? 'empty' : outcome);
    }
  });

  it('tells of each call, also those of a language session', async () => {
    const { pipeline } = await build(newLog(), (run) => {
      run.warn('few points');
      run.warn('few points');
      run.progress(1.5, 'half way');
      run.show?.('a ring');
    });
    const events: unknown[] = [];
    pipeline.events.on('stage:start', ({ run, slot }) => events.push(`start ${run} ${slot}`));
    pipeline.events.on('stage:end', ({ run, slot, bytes }) =>
      events.push(`end ${run} ${slot}${bytes === undefined ? '' : ` ${bytes} bytes`}`),
    );
    pipeline.events.on('warning', (event) => events.push(event));
    pipeline.events.on('progress', (event) => events.push(event));
    pipeline.events.on('text', (event) => events.push(event));
    const { warnings } = await pipeline.segment(image, request);
    const at = { run: 1, slot: 'PointPrompter', stage: 'toy/prompter' };
    expect(events).toEqual([
      'start 1 Encoder',
      'end 1 Encoder 4 bytes',
      'start 1 LanguageModel',
      'end 1 LanguageModel',
      'start 1 LanguageModel',
      'end 1 LanguageModel',
      'start 1 PointPrompter',
      { ...at, message: 'few points' },
      { ...at, fraction: 1, note: 'half way' },
      { ...at, text: 'a ring' },
      'end 1 PointPrompter',
    ]);
    expect(warnings).toEqual(['few points']);
  });

  it('is not disturbed by a listener that throws', async () => {
    const { pipeline } = await build();
    const surfaced: unknown[] = [];
    const onUncaught = (error: unknown): void => void surfaced.push(error);
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', onUncaught);
    try {
      pipeline.events.on('stage:start', () => {
        throw new Error('listener');
      });
      expect((await pipeline.segment(image, request)).answer).toContain('it');
      await sleep(5);
    } finally {
      process.removeListener('uncaughtException', onUncaught);
      for (const other of others) process.on('uncaughtException', other);
    }
    expect(surfaced).toHaveLength(3 + 1);
  });

  it('leaves calls to other stages out of a stage’s time', async () => {
    const inner = defineStage({
      slot: PointPrompter,
      name: 'demo/slow',
      summary: '',
      options: z.object({}),
      needs: [],
      gives: ['point-prompt'],
      create: () => ({
        prompt: async () => {
          await sleep(60);
          return { points: { frame: 'ImagePx', xy: new Float32Array(0), labels: new Int8Array(0) } };
        },
      }),
    });
    const recipe = defineRecipe({
      system: 'toy',
      name: 'nested',
      summary: '',
      tasks: ['free'],
      wiring: {
        LabelMapper: { supplies: ['names'], demands: [] },
        PointPrompter: { supplies: [], demands: ['point-prompt'] },
      },
      stages: {
        PointPrompter: inner(),
        LabelMapper: {
          slot: 'LabelMapper',
          name: 'demo/caller',
          options: {},
          needs: [],
          gives: {},
          // Calls the other stage through what the recipe put into its arguments.
          create: () => ({
            map: async (_names, labels) => (await (labels as unknown as () => Promise<never>)(), []),
          }),
        },
      },
      run: async (stages, _image, _request, run) => {
        const query = { query: fakeTensor('float32', [0], new Float32Array(0)), imageStates: {} as never };
        await stages.LabelMapper.map([], (() => stages.PointPrompter.prompt(query, run)) as never, run);
        return { answer: '', segments: [] };
      },
    });
    const pipeline = await compose(recipe).build();
    const { stages } = await pipeline.segment(image, { task: 'free' });
    const ms = Object.fromEntries(stages.map((stage) => [stage.slot, stage.ms]));
    expect(stages.map(({ slot }) => slot)).toEqual(['LabelMapper', 'PointPrompter']);
    expect(ms['PointPrompter']).toBeGreaterThan(50);
    // Counted twice, the caller's time could not be less than that of the stage it waits for.
    expect(ms['LabelMapper']).toBeLessThan(ms['PointPrompter'] ?? 0);
  });

  it('releases every tensor of a run, also when it fails', async () => {
    let fail = false;
    const { pipeline, host } = await build(newLog(), () => {
      if (fail) throw new RangeError('out of range');
    });
    await pipeline.segment(image, request);
    expect(host()?.liveTensors).toBe(0);
    fail = true;
    const failed: StageEndEvent[] = [];
    pipeline.events.on('stage:end', (event) => void (event.failed === true && failed.push(event)));
    await expect(pipeline.segment(image, request)).rejects.toMatchObject({
      code: 'STAGE_FAILED',
      message: expect.stringContaining('toy/prompter failed in prompt(): out of range') as string,
      where: 'PointPrompter toy/prompter',
      cause: new RangeError('out of range'),
    });
    expect(host()?.liveTensors).toBe(0);
    expect(failed.map(({ slot }) => slot)).toEqual(['PointPrompter']);
  });

  it("passes a stage's own typed error on as it is", async () => {
    const own = new MaskloomError('VALUE_INVALID', 'Too small.');
    const { pipeline } = await build(newLog(), () => Promise.reject(own));
    await expect(pipeline.segment(image, request)).rejects.toBe(own);
  });

  it('names the recipe when it fails between its stages', async () => {
    const broken = {
      ...toyRecipe(newLog()),
      run: async () => {
        throw new Error('typo');
      },
    };
    const pipeline = await compose(broken)
      .on(fakeSource({ models: { encoder: toyModel } }))
      .build();
    await expect(pipeline.segment(image, request)).rejects.toMatchObject({
      code: 'STAGE_FAILED',
      where: 'toy/chain',
    });
  });

  it('starts no stage after an abort, and gives the reason', async () => {
    const abort = new AbortController();
    const reason = new Error('user left');
    const { pipeline, log, host } = await build();
    pipeline.events.on('stage:end', ({ slot }) => slot === 'Encoder' && abort.abort(reason));
    await expect(pipeline.segment(image, request, { signal: abort.signal })).rejects.toMatchObject({
      code: 'ABORTED',
      cause: reason,
    });
    expect(log).not.toContain('prompt');
    expect(host()?.liveTensors).toBe(0);
    await expect(pipeline.segment(image, request, { signal: abort.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect((await pipeline.segment(image, request)).answer).toContain('it');
  });

  it('turns an AbortError inside of a stage into ABORTED', async () => {
    const abort = new AbortController();
    const { pipeline } = await build(newLog(), (run) => {
      abort.abort();
      run.signal.throwIfAborted();
    });
    await expect(pipeline.segment(image, request, { signal: abort.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });

  it('refuses tasks, texts and images that do not fit', async () => {
    const { pipeline, log } = await build();
    await expect(pipeline.segment(image, { task: 'semantic' })).rejects.toMatchObject({
      code: 'TASK_UNSUPPORTED',
      message: expect.stringContaining('referring, free') as string,
    });
    await expect(pipeline.segment(image, { task: 'referring', text: '  ' })).rejects.toMatchObject({
      code: 'VALUE_INVALID',
      where: 'request.text',
    });
    await expect(pipeline.segment({ ...image, width: 5 }, request)).rejects.toMatchObject({
      code: 'VALUE_INVALID',
      where: 'image',
    });
    expect(log).not.toContain('encode');
  });

  it('keeps concurrent runs apart', async () => {
    let prompts = 0;
    const { pipeline, host } = await build(newLog(), (run) => run.warn(`prompt ${++prompts}`));
    const images = Array.from({ length: 8 }, (_, i) => ({
      ...fakeImage(4, 3),
      rgb: new Uint8Array(36).fill(i),
    }));
    const results = await Promise.all(
      images.map((one, i) => pipeline.segment(one, { task: 'free', text: `${i}` })),
    );
    expect(results.map(({ answer }) => answer)).toEqual(images.map((_, i) => `${i} ${2 * i}`));
    expect(results.every(({ warnings, stages }) => warnings.length === 1 && stages.length === 3)).toBe(true);
    expect(host()?.liveTensors).toBe(0);
  });
});

describe('Pipeline', () => {
  it('describes itself as JSON', async () => {
    const { pipeline } = await build();
    const described = pipeline.describe();
    expect(JSON.parse(JSON.stringify(described))).toEqual(described);
    expect(described).toMatchObject({
      id: 'toy/chain',
      system: 'toy',
      recipe: 'chain',
      bundle: 'fake',
      bundleRecipe: 'toy/chain',
      tasks: ['referring', 'free'],
    });
    expect(described.stages[0]).toEqual({
      slot: 'Encoder',
      stage: 'toy/encoder',
      options: { model: 'encoder' },
      device: 'cpu',
    });
  });

  it('shows swapped stages in its recipe', async () => {
    const swapped = toyEncoder(newLog())({ model: 'other' });
    const pipeline = await compose(toyRecipe(newLog()))
      .with({ name: 'Encoder' }, swapped)
      .on(fakeSource({ models: { other: toyModel } }))
      .build();
    expect(pipeline.recipe.stages.Encoder).toBe(swapped);
    expect(pipeline.describe().stages[0]?.options).toEqual({ model: 'other' });
  });

  it('ends runs in flight before it takes its stages down', async () => {
    const log = newLog();
    let finish = (): void => undefined;
    let begun = (): void => undefined;
    const prompting = new Promise<void>((resolve) => (begun = resolve));
    const { pipeline, host } = await build(log, async () => {
      begun();
      await new Promise<void>((resolve) => (finish = resolve));
      log.push('prompt done');
    });
    const outcome = pipeline.segment(image, request).catch((error: unknown) => error);
    await prompting;
    const disposals = [pipeline.dispose(), pipeline.dispose()];
    await sleep(5);
    expect(log.at(-1)).toBe('prompt');
    finish();
    await Promise.all(disposals);
    await pipeline[Symbol.asyncDispose]();
    expect(await outcome).toMatchObject({ code: 'DISPOSED' });
    expect(log.slice(-4)).toEqual(['prompt done', 'dispose prompter', 'dispose language', 'dispose encoder']);
    expect(host()).toMatchObject({ liveTensors: 0, disposed: true });
    await expect(pipeline.segment(image, request)).rejects.toMatchObject({ code: 'DISPOSED' });
  });
});
