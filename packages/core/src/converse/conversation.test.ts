import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compose } from '../compose/compose.js';
import { fakeImage } from '../conformance/fake-image.js';
import { defineRecipe } from '../define-recipe.js';
import type { Prediction, Segment } from '../domain/prediction.js';
import { encodeMask } from '../mask/rle.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { Refiner } from '../slots/slot.js';
import type { RefineInstruction } from '../slots/refiner.js';
import { defineStage } from '../stage/define-stage.js';

const image = fakeImage(6, 4);

/** A segment that covers the first `area` pixels of the rows. */
function segmentOf(label: string, area: number): Segment {
  const pixels = new Uint8Array(24);
  pixels.fill(1, 0, area);
  const height = Math.ceil(area / 6);
  return {
    label,
    score: 0.5,
    bbox: [0, 0, Math.min(6, area), height],
    area,
    mask: encodeMask(pixels, 6, 4),
  };
}

/** Makes a mask one pixel larger, renames it to what is said, or adds a segment. */
const grow = defineStage({
  slot: Refiner,
  name: 'toy/grow',
  summary: 'One pixel more.',
  options: z.object({}),
  needs: ['segments'],
  gives: ['segments'],
  create: () => ({
    async refine(_image: unknown, before: Prediction, instruction: RefineInstruction): Promise<Prediction> {
      const { situation, segment = before.segments.length, name } = instruction;
      if (instruction.say.includes('fail')) throw new Error('as asked');
      const segments = [...before.segments];
      if (situation === 'missed') segments.push(segmentOf('found', 1));
      else {
        const old = segments[segment] as Segment;
        segments[segment] = segmentOf(name ?? old.label, Math.min(24, old.area + 1));
      }
      return { ...before, segments };
    },
  }),
});

const recipe = (name: string) =>
  defineRecipe({
    system: 'toy',
    name,
    summary: 'Finds two things.',
    tasks: ['free'],
    wiring: { Refiner: { supplies: ['segments'], demands: ['segments'] } },
    stages: { Refiner: grow() },
    run: async () => ({ answer: 'two', segments: [segmentOf('ring', 3), segmentOf('star', 8)] }),
  });
const blind = defineRecipe({
  system: 'toy',
  name: 'blind',
  summary: 'Finds nothing and refines nothing.',
  tasks: ['free'],
  wiring: {},
  stages: {},
  run: async () => ({ answer: '', segments: [] }),
});

const built: Pipeline[] = [];
async function pipelineOf(which = recipe('two') as Parameters<typeof compose>[0]): Promise<Pipeline> {
  const pipeline = await compose(which).build();
  built.push(pipeline);
  return pipeline;
}
afterEach(async () => {
  for (const pipeline of built.splice(0)) await pipeline.dispose();
});

describe('Pipeline.refine', () => {
  it('keeps the prediction’s system and says what was done', async () => {
    const pipeline = await pipelineOf();
    const other: Prediction = {
      system: 'other',
      recipe: 'one',
      request: { task: 'referring', text: 'the ring' },
      answer: 'It is.',
      segments: [segmentOf('ring', 5)],
      stages: [],
      warnings: [],
    };
    const refined = await pipeline.refine(image, other, { say: 'this is not a ring, it is a cross' });
    expect(refined).toMatchObject({
      system: 'other',
      recipe: 'one',
      request: other.request,
      segments: [{ label: 'cross', area: 6 }],
      stages: [{ slot: 'Refiner', stage: 'toy/grow' }],
      refinement: { by: 'toy/two', situation: 'category', segment: 0 },
    });
  });

  it('refuses what it cannot do, by name', async () => {
    const before = await (await pipelineOf()).segment(image, { task: 'free' });
    const pipeline = await pipelineOf(blind);
    await expect(pipeline.refine(image, before, { say: 'more' })).rejects.toMatchObject({
      code: 'STAGE_MISMATCH',
    });
    const able = built[0] as Pipeline;
    for (const bad of [
      { say: ' ' },
      { say: 'fix', segment: 2 },
      { say: 'fix', segment: 0.5 },
      { say: 'fix', box: { frame: 'ImagePx', x: 9, y: 0, width: 1, height: 1 } },
      { say: 'fix', situation: 'masks' },
      { say: 'fix it' },
    ])
      await expect(able.refine(image, before, bad as RefineInstruction)).rejects.toMatchObject({
        code: 'VALUE_INVALID',
      });
    await able.dispose();
    await expect(able.refine(image, before, { say: 'x' })).rejects.toMatchObject({ code: 'DISPOSED' });
  });
});

describe('a conversation', () => {
  it('asks, refines, undoes and redoes', async () => {
    const talk = (await pipelineOf()).converse(image);
    expect(talk.prediction).toBeUndefined();
    await talk.ask({ task: 'free' });
    await talk.say('the star is incomplete');
    await talk.say('it has holes');
    await talk.say('you missed the thing in this box', {
      box: { frame: 'ImagePx', x: 0, y: 3, width: 2, height: 1 },
    });
    expect(talk.prediction?.segments.map(({ label, area }) => [label, area])).toEqual([
      ['ring', 3],
      ['star', 10],
      ['found', 1],
    ]);
    expect(talk.steps.map(({ instruction }) => instruction?.segment)).toEqual([undefined, 1, 1, undefined]);
    expect(talk.undo().instruction?.situation).toBe('missed');
    expect(talk.undo().instruction?.say).toBe('it has holes');
    expect(talk.prediction?.segments[1]?.area).toBe(9);
    expect(talk.redo().prediction).toBe(talk.prediction);
    await talk.say('too small', { segment: 0 });
    expect(talk.undone).toEqual([]);
  });

  it('leaves everything as it was when a turn fails', async () => {
    const talk = (await pipelineOf()).converse(image);
    await talk.ask({ task: 'free' });
    await talk.say('too small', { segment: 0 });
    talk.undo();
    const before = talk.save();
    await expect(talk.say('fail', { segment: 0 })).rejects.toMatchObject({ code: 'STAGE_FAILED' });
    await expect(talk.say('which one?')).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    expect(talk.save()).toEqual(before);
    expect(talk.undone).toHaveLength(1);
  });

  it('runs one turn at a time', async () => {
    const talk = (await pipelineOf()).converse(image);
    const asked = talk.ask({ task: 'free' });
    expect(() => talk.undo()).toThrow(/still running/);
    await expect(talk.say('more')).rejects.toThrow(/still running/);
    await asked;
    talk.undo();
    expect(() => talk.undo()).toThrow(/nothing to undo/);
    talk.redo();
    expect(() => talk.redo()).toThrow(/nothing to redo/);
  });

  it('needs a refiner to say something, its own or a given one', async () => {
    const refiner = await pipelineOf();
    const pipeline = await pipelineOf(blind);
    const alone = pipeline.converse(image);
    await alone.ask({ task: 'free' });
    await expect(alone.say('you missed it')).rejects.toMatchObject({ code: 'STAGE_MISMATCH' });
    const helped = pipeline.converse(image, { refiner });
    const found = await helped.say('you missed it');
    expect(found).toMatchObject({ system: 'toy', recipe: 'blind', segments: [{ label: 'found' }] });
  });

  it('takes a prediction from elsewhere only on this image', async () => {
    const talk = (await pipelineOf()).converse(image);
    const prediction = await built[0]!.segment(image, { task: 'free' });
    expect(talk.adopt(prediction)).toBe(prediction);
    const wrong = {
      ...prediction,
      segments: [{ ...segmentOf('x', 1), mask: encodeMask(new Uint8Array(9), 3, 3) }],
    };
    expect(() => talk.adopt(wrong)).toThrow(/3 x 3.*6 x 4/);
    expect(talk.steps).toHaveLength(1);
  });

  it('goes on from what was saved', async () => {
    const region = encodeMask(new Uint8Array(image.width * image.height).fill(1), image.width, image.height);
    const pipeline = await pipelineOf();
    const talk = pipeline.converse(image);
    await talk.ask({
      task: 'free',
      prompts: [
        { points: { frame: 'ImagePx', xy: Float32Array.of(1, 2), labels: Int8Array.of(1) } },
        { box: { frame: 'ImagePx', x: 0, y: 0, width: 2, height: 2 }, label: 'b' },
        { mask: region },
      ],
    });
    await talk.say('it has holes', { segment: 1 });
    await talk.say('still too small');
    talk.undo();
    const saved = JSON.parse(JSON.stringify(talk.save())) as ReturnType<typeof talk.save>;
    const again = pipeline.converse(image, { from: saved });
    expect(again.save()).toEqual(saved);
    expect(again.steps[0]?.request?.prompts?.[0]?.points?.xy).toEqual(Float32Array.of(1, 2));
    expect(again.steps[0]?.request?.prompts?.[2]?.mask).toEqual(region);
    again.redo();
    expect(again.prediction?.segments[1]?.area).toBe(10);
    const other = fakeImage(4, 6);
    expect(() => pipeline.converse(other, { from: saved })).toThrow(/another image/);
    const broken = structuredClone(saved);
    Object.assign(broken.steps[1]!.prediction.segments[0]!.mask, { counts: '\u0001' });
    expect(() => pipeline.converse(image, { from: broken })).toThrow(/steps\[1\]\.prediction\.segments\[0\]/);
    expect(() => pipeline.converse(image, { from: { ...saved, schema: 'x' } as never })).toThrow(/schema/);
  });

  it('obeys the laws of undo and redo, whatever is done', async () => {
    const pipeline = await pipelineOf();
    const action = fc.constantFrom('grow ring', 'grow star', 'missed', 'undo', 'redo');
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 14 }), async (actions) => {
        const talk = pipeline.converse(image);
        await talk.ask({ task: 'free' });
        for (const what of actions) {
          const [done, undone] = [talk.steps, talk.undone];
          if (what === 'undo') {
            if (done.length === 1) continue;
            const step = talk.undo();
            expect(talk.redo()).toBe(step);
            expect([talk.steps, talk.undone]).toEqual([done, undone]);
            talk.undo();
            expect([...talk.steps, ...talk.undone]).toEqual([...done, ...undone]);
          } else if (what === 'redo') {
            if (undone.length === 0) continue;
            talk.redo();
            expect([...talk.steps, ...talk.undone]).toEqual([...done, ...undone]);
          } else {
            const before = talk.prediction;
            if (what === 'missed') await talk.say('you missed one');
            else await talk.say('too small', { segment: what === 'grow ring' ? 0 : 1 });
            expect(talk.undone).toEqual([]);
            expect(talk.steps.slice(0, -1)).toEqual(done);
            expect(before).toBe(done.at(-1)?.prediction);
          }
          expect(pipeline.converse(image, { from: talk.save() }).save()).toEqual(talk.save());
        }
      }),
      { numRuns: 30 },
    );
  });
});
