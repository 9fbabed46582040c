import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fakeSource } from '../conformance/fake-host.js';
import { fakeImage } from '../conformance/fake-image.js';
import { inversifyContainer } from '../container/inversify-container.js';
import { MODEL_SOURCE } from '../container/tokens.js';
import {
  newLog,
  toyEncoder,
  toyLanguage,
  toyModel,
  toyPrompter,
  toyRecipe,
} from '../pipeline/toy-system.test-helper.js';
import type { AnyRecipe } from '../recipe.js';
import { Encoder, LanguageModel, MaskDecoder, PointPrompter } from '../slots/slot.js';
import { defineStage } from '../stage/define-stage.js';
import { bindPipeline } from './bind-pipeline.js';
import { compose } from './compose.js';

const image = fakeImage(4, 3);
const source = () => fakeSource({ models: { encoder: toyModel } });
const coded = (code: string, ...texts: string[]) =>
  expect.objectContaining({
    code,
    message: expect.stringMatching(
      new RegExp(texts.map((text) => text.replace(/[/().]/g, '\\$&')).join('[^]*')),
    ),
  });

describe('compose', () => {
  it('builds, runs and takes everything down, last made first', async () => {
    const log = newLog();
    const models = source();
    const pipeline = await compose(toyRecipe(log)).on(models).build();
    expect(models.opened).toEqual(['toy/chain']);
    const prediction = await pipeline.segment(image, { task: 'referring', text: 'what' });
    expect(prediction.answer).toBe(`what ${(image.rgb[0] ?? 0) * 2}`);
    await pipeline.dispose();
    expect(log).toEqual([
      'make encoder',
      'make language',
      'make prompter',
      'encode',
      'prompt',
      'dispose prompter',
      'dispose language',
      'dispose encoder',
    ]);
    expect(models.hosts[0]?.disposed).toBe(true);
  });

  it('leaves a builder as it was when another is made from it', async () => {
    const first = newLog();
    const second = newLog();
    const base = compose(toyRecipe(first)).on(source());
    const swapped = base.with(PointPrompter, toyPrompter(second)());
    for (const builder of [base, swapped]) {
      const pipeline = await builder.build();
      await pipeline.segment(image, { task: 'free' });
      await pipeline.dispose();
    }
    expect(first.filter((entry) => entry === 'prompt')).toHaveLength(1);
    expect(second).toEqual(['make prompter', 'prompt', 'dispose prompter']);
  });

  it("asks the bundle for the recipe's own models or those it names", async () => {
    const models = source();
    const recipe: AnyRecipe = { ...toyRecipe(newLog()), bundleRecipe: 'other/recipe' };
    await (await compose(recipe).on(models).build()).dispose();
    expect(models.opened).toEqual(['other/recipe']);
  });

  it('names slot, stage and signal when a stage does not fit, before any model is opened', async () => {
    const models = source();
    const untyped = compose(toyRecipe(newLog()) as AnyRecipe).on(models);
    const stage = (needs: 'text' | 'query-state', gives: 'names' | 'point-prompt') =>
      defineStage({
        slot: PointPrompter,
        name: 'demo/points',
        summary: '',
        options: z.object({}),
        needs: [needs],
        gives: [gives],
        create: () => ({}) as never,
      })();
    const needy = untyped.with(PointPrompter, stage('text', 'point-prompt'));
    await expect(needy.build()).rejects.toEqual(
      coded('STAGE_MISMATCH', 'demo/points', 'PointPrompter', "needs 'text'", 'query-state'),
    );
    const silent = untyped.with(PointPrompter, stage('query-state', 'names'));
    await expect(silent.build()).rejects.toEqual(coded('STAGE_MISMATCH', "not give 'point-prompt'", 'names'));
    const misplaced = untyped.with(PointPrompter, toyEncoder([])() as never);
    expect(() => misplaced.check()).toThrow(coded('STAGE_MISMATCH', 'toy/encoder', 'fills the slot Encoder'));
    const foreign = untyped.with(MaskDecoder, stage('query-state', 'point-prompt') as never);
    expect(() => foreign.check()).toThrow(coded('SLOT_UNKNOWN', 'MaskDecoder', 'PointPrompter'));
    expect(models.opened).toEqual([]);
  });

  it('compares widths across stages and takes down what was made', async () => {
    const log = newLog();
    const models = source();
    const wide = compose(toyRecipe(log))
      .with(Encoder, toyEncoder(log, { embedding: 512, hidden: 8 })())
      .with(LanguageModel, toyLanguage(log, { hidden: 8, embedding: 256 })())
      .on(models);
    await expect(wide.build()).rejects.toThrow(
      coded(
        'STAGE_MISMATCH',
        'embedding width 256 wanted by LanguageModel toy/language, 512 supplied by Encoder toy/encoder',
      ),
    );
    expect(log.slice(3)).toEqual(['dispose prompter', 'dispose language', 'dispose encoder']);
    expect(models.hosts[0]?.disposed).toBe(true);
  });

  it('takes down what was made when a stage cannot be, and says which', async () => {
    const log = newLog();
    const models = source();
    const broken = defineStage({
      slot: LanguageModel,
      name: 'demo/broken',
      summary: '',
      options: z.object({}),
      needs: [],
      gives: ['query-state'],
      create: () => {
        throw new TypeError('no file');
      },
    });
    const build = compose(toyRecipe(log)).with(LanguageModel, broken()).on(models).build();
    await expect(build).rejects.toEqual(coded('STAGE_FAILED', 'demo/broken could not be made: no file'));
    expect(log).toEqual(['make encoder', 'dispose encoder']);
    expect(models.hosts[0]?.disposed).toBe(true);
  });

  it('refuses a stage without the calls of its slot', async () => {
    const hollow = defineStage({
      slot: PointPrompter,
      name: 'demo/hollow',
      summary: '',
      options: z.object({}),
      needs: [],
      gives: ['point-prompt'],
      create: () => ({}) as never,
    });
    const build = compose(toyRecipe(newLog())).with(PointPrompter, hollow()).on(source()).build();
    await expect(build).rejects.toEqual(coded('STAGE_MISMATCH', 'demo/hollow has no prompt()'));
  });

  it('ends a build that is aborted between stages', async () => {
    const log = newLog();
    const abort = new AbortController();
    const reason = new Error('closed');
    const slow = defineStage({
      slot: LanguageModel,
      name: 'demo/slow',
      summary: '',
      options: z.object({}),
      needs: [],
      gives: ['query-state'],
      create: (_, context) => {
        abort.abort(reason);
        log.push(`signal ${context.signal.aborted}`);
        return {
          hiddenWidth: 1,
          read: () => Promise.reject(new Error()),
          dispose: () => void log.push('dispose slow'),
        };
      },
    });
    const build = compose(toyRecipe(log))
      .with(LanguageModel, slow())
      .on(source())
      .build({ signal: abort.signal });
    await expect(build).rejects.toMatchObject({ code: 'ABORTED', cause: reason });
    expect(log).toEqual(['make encoder', 'signal true', 'dispose slow', 'dispose encoder']);
  });

  it('opens nothing for a signal that is aborted already', async () => {
    const models = source();
    await expect(
      compose(toyRecipe(newLog())).on(models).build({ signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'ABORTED' });
    expect(models.opened).toEqual([]);
  });

  it('says how to give models when there are none', async () => {
    await expect(compose(toyRecipe(newLog())).build()).rejects.toEqual(
      coded('BUNDLE_NOT_FOUND', "the model 'encoder'", '.on('),
    );
  });

  it('wraps what a foreign model source throws', async () => {
    const cause = new Error('socket closed');
    const build = compose(toyRecipe(newLog()))
      .on({ open: () => Promise.reject(cause) })
      .build();
    await expect(build).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED', cause });
  });

  it("finds its models in a host application's container and leaves that alone", async () => {
    const host = inversifyContainer();
    const models = source();
    host.bindValue(MODEL_SOURCE, models);
    const pipeline = await compose(toyRecipe(newLog())).using(host).build();
    await pipeline.dispose();
    expect(models.hosts[0]?.disposed).toBe(true);
    expect(host.has(MODEL_SOURCE)).toBe(true);
    const ended = await compose(toyRecipe(newLog())).using(host).build();
    await host.dispose();
    expect(models.hosts[1]?.disposed).toBe(true);
    await expect(ended.segment(image, { task: 'free' })).rejects.toMatchObject({ code: 'DISPOSED' });
    await ended.dispose();
  });

  it("is built by and disposed of with a host application's container", async () => {
    const host = inversifyContainer();
    const models = source();
    const token = bindPipeline(host, compose(toyRecipe(newLog())).on(models));
    const [one, two] = await Promise.all([host.resolve(token), host.resolve(token)]);
    expect(one).toBe(two);
    expect(models.opened).toHaveLength(1);
    expect(token.name).toBe('maskloom:pipeline:toy/chain');
    await host.dispose();
    await expect(one.segment(image, { task: 'free' })).rejects.toMatchObject({ code: 'DISPOSED' });
  });

  it('keeps warnings of the build in every result', async () => {
    const warned = defineStage({
      slot: PointPrompter,
      name: 'demo/warned',
      summary: '',
      options: z.object({}),
      needs: [],
      gives: ['point-prompt'],
      create: (_, context) => {
        context.warn('slow device');
        return {
          prompt: async () => ({
            points: { frame: 'ImagePx', xy: new Float32Array(0), labels: new Int8Array(0) },
          }),
        };
      },
    });
    await using pipeline = await compose(toyRecipe(newLog()))
      .with(PointPrompter, warned())
      .on(source())
      .build();
    expect((await pipeline.segment(image, { task: 'free' })).warnings).toEqual(['slow device']);
    expect(pipeline.describe().warnings).toEqual(['slow device']);
  });
});
