import { decodeMask, encodeMask, maskArea, type RleMask } from '@maskloom/masks';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compose } from '../compose/compose.js';
import { fakeImage } from '../conformance/fake-image.js';
import { defineRecipe } from '../define-recipe.js';
import type { Prediction, Segment } from '../domain/prediction.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { Refiner } from '../slots/slot.js';
import type { RefineInstruction } from '../slots/refiner.js';
import { defineStage } from '../stage/define-stage.js';
import type { Conversation } from './conversation.js';
import { resizeMask } from './resize-mask.js';
import type { ConversationRecord } from './saved.js';

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

const NOTHING: Prediction = {
  system: 'other',
  recipe: 'one',
  request: { task: 'free' },
  answer: '',
  segments: [],
  stages: [],
  warnings: [],
};

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
    await expect(pipeline.refine(image, before, { say: 'redraw it', segment: 0 })).rejects.toMatchObject({
      code: 'STAGE_MISMATCH',
    });
    const able = built[0] as Pipeline;
    for (const bad of [
      { say: ' ' },
      { say: 'fix', segment: 2 },
      { say: 'fix', segment: 0.5 },
      { say: 'fix', box: { frame: 'ImagePx', x: 9, y: 0, width: 1, height: 1 } },
      { say: 'fix it', situation: 'masks' },
      { say: 'fix it' },
    ])
      await expect(able.refine(image, before, bad as RefineInstruction)).rejects.toMatchObject({
        code: 'VALUE_INVALID',
      });
    await able.dispose();
    await expect(able.refine(image, before, { say: 'delete it' })).rejects.toMatchObject({
      code: 'DISPOSED',
    });
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
    await expect(talk.say('fix it, and fail', { segment: 0 })).rejects.toMatchObject({
      code: 'STAGE_FAILED',
    });
    await expect(talk.say('redraw it better, whichever it is', {})).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
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
    await talk.say('still incomplete');
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
    const WORDS = {
      'redraw ring': 'redraw the ring',
      missed: 'you missed one',
      larger: 'make segment 0 a bit larger',
      smaller: 'make segment 0 smaller',
      delete: 'delete segment 0',
      merge: 'merge everything',
      rename: 'call segment 0 a cross',
      keep: 'thanks',
      unknown: 'merci',
    } as const;
    const action = fc.constantFrom('undo', 'redo', 'say undo', 'say redo', ...Object.keys(WORDS));
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 14 }), async (actions) => {
        const talk = pipeline.converse(image);
        await talk.ask({ task: 'free' });
        for (const what of actions) {
          const [done, undone] = [talk.steps, talk.undone];
          if (what.endsWith('undo')) {
            if (
              done.every(({ instruction }) => instruction?.situation === 'keep' || instruction === undefined)
            )
              continue;
            const step = what === 'undo' ? talk.undo() : (await talk.say('undo'), talk.undone[0]);
            expect(step?.instruction?.situation).not.toBe('keep');
            expect(talk.redo()).toBe(step);
            expect([talk.steps, talk.undone]).toEqual([done, undone]);
            talk.undo();
            expect([...talk.steps, ...talk.undone]).toEqual([...done, ...undone]);
          } else if (what.endsWith('redo')) {
            if (undone.length === 0) continue;
            if (what === 'redo') talk.redo();
            else await talk.say('Redo that, please');
            expect(talk.steps.length).toBeGreaterThan(done.length);
            expect([...talk.steps, ...talk.undone]).toEqual([...done, ...undone]);
          } else {
            const before = talk.prediction;
            const said = await talk.say(WORDS[what as keyof typeof WORDS]).then(
              () => true,
              (error: { code: string }) => {
                expect(['VALUE_INVALID', 'INSTRUCTION_UNKNOWN']).toContain(error.code);
                return false;
              },
            );
            expect(talk.undone).toEqual(said ? [] : undone);
            expect(said ? talk.steps.slice(0, -1) : talk.steps).toEqual(done);
            expect(before).toBe(done.at(-1)?.prediction);
          }
          const saved = JSON.stringify(talk.save());
          const again = pipeline.converse(image, { from: JSON.parse(saved) as ConversationRecord });
          expect(JSON.stringify(again.save())).toBe(saved);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('what needs no model', () => {
  const said = async (...words: readonly string[]) => {
    const talk = (await pipelineOf(blind)).converse(image);
    talk.adopt({
      ...NOTHING,
      segments: [segmentOf('ring', 3), segmentOf('star', 8), segmentOf('cross', 12)],
    });
    for (const one of words) await talk.say(one);
    return talk;
  };
  const shown = (talk: Conversation) => talk.prediction?.segments.map(({ label, area }) => [label, area]);

  it('deletes', async () => {
    const talk = await said('Delete the star.');
    expect(shown(talk)).toEqual([
      ['ring', 3],
      ['cross', 12],
    ]);
    expect(talk.prediction).toMatchObject({
      stages: [],
      refinement: { by: 'edit', situation: 'delete', say: 'Delete the star.', from: [1] },
    });
    expect(shown(await said('remove everything'))).toEqual([]);
    await expect(said('remove this one')).rejects.toThrow(/Which of 3 segments/);
  });

  it('merges into the first one’s place, by the name of the largest', async () => {
    const talk = await said('merge the cross and the ring');
    expect(shown(talk)).toEqual([
      ['cross', 12],
      ['star', 8],
    ]);
    expect(talk.prediction?.refinement).toMatchObject({ situation: 'merge', segment: 0, from: [0, 2] });
    expect(talk.prediction?.segments[0]).toMatchObject({ bbox: [0, 0, 6, 2], score: 0.5 });
    await expect(said('merge the ring')).rejects.toThrow(/with nothing/);
  });

  it('renames, and changes nothing else', async () => {
    const talk = await said('call the star a Comet');
    expect(talk.prediction?.segments[1]).toEqual({ ...segmentOf('star', 8), label: 'Comet' });
    expect(shown(await said('the ring is a hoop'))?.[0]).toEqual(['hoop', 3]);
    await expect(said('the label of the star should be removed')).rejects.toThrow(
      /understood|without a name/,
    );
  });

  it('keeps, and takes back what came before', async () => {
    const talk = await said('delete the star', 'thanks, that is fine');
    expect(talk.steps.map(({ instruction }) => instruction?.situation)).toEqual([
      undefined,
      'delete',
      'keep',
    ]);
    expect(shown(talk)).toHaveLength(2);
    await talk.say('undo');
    expect(shown(talk)).toHaveLength(3);
    expect(talk.undone).toHaveLength(2);
    await talk.say('redo');
    expect(talk.steps).toHaveLength(3);
    await expect(talk.say('redo')).rejects.toThrow(/nothing to redo/);
  });

  it('grows and shrinks by what is said, a quarter when nothing is', async () => {
    for (const [words, low, high] of [
      ['make the star larger', 10, 24],
      ['make the star twice as large', 16, 24],
      ['make the star smaller', 1, 6],
    ] as const) {
      const area = (await said(words)).prediction?.segments[1]?.area ?? 0;
      expect(area, words).toBeGreaterThanOrEqual(low);
      expect(area, words).toBeLessThanOrEqual(high);
    }
    const pipeline = await pipelineOf(blind);
    const full = { ...NOTHING, segments: [segmentOf('sky', 24)] };
    await expect(pipeline.refine(image, full, { say: 'make it larger' })).rejects.toThrow(/cannot grow/);
    await expect(
      pipeline.refine(image, full, { say: 'x', situation: 'larger', fraction: 0 }),
    ).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    await expect(pipeline.refine(image, full, { say: 'undo' })).rejects.toThrow(/outside of a conversation/);
  });

  it('says what can be said, and does nothing, where it does not understand', async () => {
    const talk = await said();
    await expect(talk.say('supprime ça')).rejects.toMatchObject({ code: 'INSTRUCTION_UNKNOWN' });
    expect(talk.steps).toHaveLength(1);
  });
});

describe('something missed that nobody points at', () => {
  it('is never what is there already', async () => {
    const pipeline = await pipelineOf();
    const one = { ...NOTHING, segments: [segmentOf('ring', 1)] };
    // The toy refiner finds the first pixel, whatever is there.
    const again = await pipeline.refine(image, one, { say: 'you missed something' });
    expect(again.segments).toEqual(one.segments);
    expect(again.warnings).toEqual(['Nothing was found that is not there already.']);
    expect(again.refinement).toEqual({ by: 'toy/two', situation: 'missed', say: 'you missed something' });
    const other = { ...NOTHING, segments: [segmentOf('ring', 2)] };
    expect((await pipeline.refine(image, other, { say: 'you missed something' })).segments).toHaveLength(2);
    const box = { frame: 'ImagePx', x: 0, y: 0, width: 1, height: 1 } as const;
    expect((await pipeline.refine(image, one, { say: 'you missed it', box })).segments).toHaveLength(2);
  });
});

describe('resizeMask', () => {
  const mask = fc
    .tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }))
    .chain(([width, height]) =>
      fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        pixels: fc.uint8Array({ minLength: width * height, maxLength: width * height, max: 1 }),
      }),
    );

  it('grows around and shrinks inside of a mask, by at least the fraction where there is room', () => {
    fc.assert(
      fc.property(
        mask,
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        ({ width, height, pixels }, fraction) => {
          const area = pixels.reduce((sum, set) => sum + set, 0);
          const rle = encodeMask(pixels, width, height);
          const larger = resizeMask(rle, 'larger', fraction);
          if (area === 0 || area === width * height) expect(larger).toBeUndefined();
          else {
            const grown = decodeMask(larger as RleMask).pixels;
            expect(grown.every((set, i) => set >= (pixels[i] ?? 0))).toBe(true);
            const after = grown.reduce((sum, set) => sum + set, 0);
            expect(after).toBeGreaterThan(area);
            expect(after >= (1 + fraction) * area || after === width * height).toBe(true);
          }
          const smaller = resizeMask(rle, 'smaller', fraction);
          if (smaller === undefined) return;
          const shrunk = decodeMask(smaller).pixels;
          expect(shrunk.every((set, i) => set <= (pixels[i] ?? 0))).toBe(true);
          const left = shrunk.reduce((sum, set) => sum + set, 0);
          expect(left).toBeLessThan(area);
          expect(left).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('adds an even band: a point becomes a cross, then an octagon', () => {
    const point = new Uint8Array(49);
    point[24] = 1;
    const areaOf = (fraction: number) =>
      maskArea(resizeMask(encodeMask(point, 7, 7), 'larger', fraction) as RleMask);
    expect([areaOf(0.1), areaOf(4), areaOf(5)]).toEqual([5, 5, 21]);
    expect(resizeMask(encodeMask(point, 7, 7), 'smaller', 0.1)).toBeUndefined();
  });
});
