import { readFile } from 'node:fs/promises';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import {
  CategoryGenerator,
  compose,
  decodeMask,
  defineRecipe,
  defineStage,
  PatchAnalyzer,
  wrapStage,
  type AnyRecipe,
  type CategoryQuery,
  encodeMask,
  readInstruction,
  type ImageFrame,
  type Prediction,
  type RefineInstruction,
  type Segment,
} from '@maskloom/core';
import { conformanceCases, fakeRun, fakeSource } from '@maskloom/core/conformance';
import { patchAnalyzer } from '@maskloom/rose';
import type { Seen } from './paradigm.js';
import { readRefinePreset } from './preset.js';
import { concat, drawn, drawnBox } from './recipes.js';
import { defineRefiner } from './refiner.js';
import { concatRefiner } from './refiners.js';
import { wording } from './turn/wording.js';
import { selfContained, SIDE, toyHost, toyModels } from './toy-host.test.helper.js';

const RED = [255, 0, 0] as const;

/** Black, with red patches (column, row) of a 4 x 4 grid; a dimmer one when `share` is below 1. */
function imageWith(...red: readonly (readonly [column: number, row: number, share?: number])[]): ImageFrame {
  const rgb = new Uint8Array(SIDE * SIDE * 3);
  for (const [column, row, share = 1] of red) {
    for (let y = row * 4; y < row * 4 + 4; y++)
      for (let x = column * 4; x < column * 4 + 4; x++)
        rgb.set(
          RED.map((value) => Math.round(value * share)),
          3 * (y * SIDE + x),
        );
  }
  return { width: SIDE, height: SIDE, rgb, sha256: `image ${red.join(' ')}` };
}

/** A segment over a rectangle of pixels. */
function segment(label: string, [x, y, width, height]: Segment['bbox']): Segment {
  const pixels = new Uint8Array(SIDE * SIDE);
  for (let row = y; row < y + height; row++) pixels.fill(1, row * SIDE + x, row * SIDE + x + width);
  return {
    label,
    score: 0.25,
    bbox: [x, y, width, height],
    area: width * height,
    mask: encodeMask(pixels, SIDE, SIDE),
  };
}

const before = (...segments: Segment[]): Prediction => ({
  system: 'any',
  recipe: 'one',
  request: { task: 'free' },
  answer: '',
  segments,
  stages: [],
  warnings: [],
});
const box = (x: number, y: number, width: number, height: number) =>
  ({ frame: 'ImagePx', x, y, width, height }) as const;

const RECIPES = { concat, drawn, 'drawn-box': drawnBox };

async function refine(
  image: ImageFrame,
  prediction: Prediction,
  instruction: RefineInstruction,
  {
    paradigm = 'concat' as keyof typeof RECIPES,
    ...changes
  }: { paradigm?: keyof typeof RECIPES } & Parameters<typeof toyModels>[1] = {},
) {
  const { options, fed } = toyModels(paradigm, changes);
  await using pipeline = await compose(RECIPES[paradigm]).on(fakeSource(options)).build();
  return { refined: await pipeline.refine(image, prediction, instruction), fed };
}

for (const [paradigm, recipe] of Object.entries(RECIPES))
  for (const { name, run } of conformanceCases('Refiner', selfContained(recipe), {
    host: () => toyHost(paradigm),
  }))
    test(name, run);

describe('a refiner', () => {
  it('redraws one mask by the patch with the highest objectness in its box; the rest stays', async () => {
    const image = imageWith([1, 1], [3, 3]);
    const prediction = before(segment('a', [4, 4, 6, 6]), segment('b', [12, 12, 4, 4]));
    const { refined, fed } = await refine(image, prediction, {
      say: 'the mask is too large, make it fit',
      segment: 0,
    });
    expect(refined.segments[0]).toMatchObject({ label: 'a', score: 0.25, area: 16, bbox: [4, 4, 4, 4] });
    expect(refined.segments[0]?.evidence?.patch).toMatchObject({ row: 1, column: 1, box: [4, 4, 4, 4] });
    expect(refined.segments[1]).toBe(prediction.segments[1]);
    expect(refined.refinement).toMatchObject({ by: 'refine/concat', situation: 'mask', segment: 0 });
    // One patch has its centre in the mask's box: there is nothing to compare.
    expect(fed.decoder).toEqual(['1 with points 0 mask 1']);
  });

  it('refuses words that do not fit beside the image before anything runs', async () => {
    const { options, fed } = toyModels('concat', { refine: { ownWords: true } });
    await using pipeline = await compose(concat).on(fakeSource(options)).build();
    const say = `the mask has holes ${'word '.repeat(90)}`;
    const asked = pipeline.refine(imageWith([1, 1]), before(segment('a', [4, 4, 6, 6])), { say });
    await expect(asked).rejects.toMatchObject({ code: 'PROMPT_TOO_LONG' });
    expect([fed.pixels, fed.decoder, fed.rows]).toEqual([[], [], []]);
  });

  it('gives the box to the mask decoder too, and leaves out what the options leave out', async () => {
    const image = imageWith([1, 1]);
    const said = { say: 'the mask has holes', box: box(4, 4, 4, 4) };
    const prediction = before(segment('a', [4, 4, 6, 6]));
    expect((await refine(image, prediction, said)).fed.decoder.at(-1)).toBe('1 with points 2 mask 1');
    const plain = { refine: { boxPrompt: false, maskPrompt: false, fit: false } };
    expect((await refine(image, prediction, said, plain)).fed.decoder).toEqual(['1 with points 0 mask 0']);
  });

  it('lets the patch answer whose mask fits best, or by option the one with the highest objectness', async () => {
    const image = imageWith([1, 1], [2, 2, 0.8]);
    const prediction = before(segment('a', [5, 5, 7, 7]));
    const said = { say: 'the mask has holes' };
    const boxes = async (fit: boolean) =>
      (await refine(image, prediction, said, { refine: { fit } })).refined.segments[0]?.bbox;
    // The mask has 3 x 3 pixels of the first patch and all 4 x 4 of the second.
    expect(await boxes(true)).toEqual([8, 8, 4, 4]);
    expect(await boxes(false)).toEqual([4, 4, 4, 4]);
  });

  it('adds what was missed in a box, with the name that the model writes', async () => {
    const image = imageWith([0, 0], [3, 2, 0.9]);
    const { refined } = await refine(image, before(segment('a', [0, 0, 4, 4])), {
      say: 'you missed the thing in this box',
      box: box(8, 4, 8, 12),
    });
    expect(refined.segments.map(({ label, bbox }) => [label, bbox])).toEqual([
      ['a', [0, 0, 4, 4]],
      ['ring', [12, 8, 4, 4]],
    ]);
    expect(refined.segments[1]?.score).toBeCloseTo(1 / (1 + Math.exp(4 - 8 * (230 / 255))), 5);
    expect(refined.refinement?.segment).toBe(1);
  });

  it('corrects a name: another one than the wrong one, asked of further patches if need be', async () => {
    const image = imageWith([1, 1], [1, 2, 0.3]);
    const prediction = before(segment('star', [4, 4, 4, 8]));
    const first = await refine(image, prediction, { say: 'this is not a star' });
    expect(first.refined.segments[0]?.label).toBe('ring');
    // The best patch says ring again; the next one says star.
    const second = await refine(image, before(segment('ring', [4, 4, 4, 8])), { say: 'this is not a ring' });
    expect(second.refined.segments[0]?.label).toBe('star');
    expect(Math.max(...second.fed.rows)).toBe(2);
    const told = await refine(image, prediction, { say: 'this is not a star, it is a cross' });
    expect(told.refined.segments[0]?.label).toBe('cross');
  });

  it('keeps a name that all patches repeat, and says so', async () => {
    const { refined } = await refine(imageWith([1, 1]), before(segment('ring', [4, 4, 4, 4])), {
      say: 'wrong name',
    });
    expect(refined.segments[0]?.label).toBe('ring');
    expect(refined.warnings).toEqual(["No other name than 'ring' was found."]);
  });

  it('keeps the previous mask when it would leave none', async () => {
    const old = segment('a', [4, 4, 6, 6]);
    const { refined } = await refine(
      imageWith([1, 1]),
      before(old),
      { say: 'it has holes' },
      { blind: true },
    );
    expect(refined.segments[0]).toMatchObject({ mask: old.mask, area: 36 });
  });

  it('shows concat the mask as a fourth plane, zeros when something was missed', async () => {
    const image = imageWith([1, 1]);
    const old = segment('a', [2, 3, 5, 6]);
    const { fed } = await refine(image, before(old), { say: 'it has holes' });
    const plane = [...((fed.pixels[0]?.data as Float32Array) ?? [])].slice(3 * SIDE * SIDE);
    expect(fed.pixels[0]?.dims).toEqual([1, 4, SIDE, SIDE]);
    expect(plane).toEqual([...decodeMask(old.mask).pixels]);
    const missed = await refine(image, before(old), { say: 'you missed it', box: box(8, 8, 4, 4) });
    const none = [...((missed.fed.pixels[0]?.data as Float32Array) ?? [])].slice(3 * SIDE * SIDE);
    expect(none.every((value) => value === 0)).toBe(true);
  });

  it('shows drawn and drawn-box painted pixels, and leaves the image itself alone', async () => {
    const image = imageWith([1, 1]);
    const rgb = image.rgb.slice();
    const prediction = before(segment('a', [8, 8, 4, 4]));
    const byte = (fed: Awaited<ReturnType<typeof refine>>['fed'], x: number, y: number): number[] =>
      [0, 1, 2].map((plane) =>
        Math.round(
          (((fed.pixels[0]?.data[(plane * SIDE + y) * SIDE + x] as number | undefined) ?? 0) + 1) * 127.5,
        ),
      );
    const { fed } = await refine(image, prediction, { say: 'it has holes' }, { paradigm: 'drawn' });
    // (0 * 128 + 255 * 128 + 128) >> 8 = 128; no green.
    expect([byte(fed, 9, 9), byte(fed, 4, 4), byte(fed, 0, 0)]).toEqual([
      [128, 0, 128],
      [255, 0, 0],
      [0, 0, 0],
    ]);
    const boxed = await refine(image, prediction, { say: 'it has holes' }, { paradigm: 'drawn-box' });
    expect([byte(boxed.fed, 8, 8), byte(boxed.fed, 9, 9)]).toEqual([
      [255, 0, 255],
      [128, 0, 128],
    ]);
    const given = await refine(
      image,
      prediction,
      { say: 'you missed it', box: box(0, 0, 3, 3) },
      { paradigm: 'drawn-box' },
    );
    expect([byte(given.fed, 2, 0), byte(given.fed, 1, 1), byte(given.fed, 9, 9)]).toEqual([
      [255, 0, 255],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(image.rgb).toEqual(rgb);
  });

  it('works with whatever fills the slots of its recipe, and names them in the trace', async () => {
    const image = imageWith([1, 1], [2, 2]);
    const { options } = toyModels('concat');
    const said = { say: 'wrong name', segment: 0 };
    const prediction = {
      ...before(segment('a', [4, 4, 8, 8])),
      request: { task: 'semantic', labels: ['a', 'hoop'] } as const,
    };
    const plain = compose(concat).on(fakeSource(options));
    await using usual = await plain.build();
    const first = await usual.refine(image, prediction, said);
    expect(first.segments[0]).toMatchObject({ label: 'ring', bbox: [4, 4, 4, 4] });
    expect(first.stages.map(({ slot }) => slot)).toEqual(
      expect.arrayContaining([
        'Refiner',
        'LanguageModel',
        'PatchAnalyzer',
        'Encoder',
        'MaskDecoder',
        'CategoryGenerator',
      ]),
    );

    // Only the last but one patch of the third row and column proposes anything.
    const onePatch = wrapStage(patchAnalyzer(), {
      async analyze(inner, states, run) {
        const proposals = await inner.analyze(states, run);
        return { ...proposals, objectness: proposals.objectness.map((_, i) => (i === 10 ? 1 : 0)) };
      },
    });
    await using narrowed = await plain.with(PatchAnalyzer, onePatch).build();
    const elsewhere = await narrowed.refine(image, prediction, said);
    expect(elsewhere.segments[0]?.bbox).toEqual([8, 8, 4, 4]);

    const asked: unknown[] = [];
    const lastLabel = defineStage({
      slot: CategoryGenerator,
      name: 'toy/last-label',
      summary: 'The last candidate.',
      options: z.object({}),
      needs: ['category-embedding', 'candidates'],
      gives: ['names'],
      create: () => ({
        async name({ embeddings, candidates = [] }: CategoryQuery) {
          asked.push([embeddings?.dims, candidates]);
          return Array.from({ length: embeddings?.dims[0] ?? 0 }, () => ({
            name: candidates.at(-1) ?? '',
            score: 1,
          }));
        },
      }),
    });
    await using labelled = await plain.with(CategoryGenerator, lastLabel()).build();
    expect((await labelled.refine(image, prediction, said)).segments[0]?.label).toBe('hoop');
    expect(asked).toEqual([
      [
        [4, 4],
        ['a', 'hoop'],
      ],
    ]);
  });

  it('is refused by a recipe that has no such slots, by the compiler and by build()', async () => {
    const bare = defineRecipe({
      system: 'toy',
      name: 'bare',
      summary: 'Nothing but a refiner.',
      tasks: ['free'],
      wiring: { Refiner: { supplies: ['image', 'segments'], demands: ['segments'] } },
      // @ts-expect-error the recipe does not supply mask features, patch scores and the like
      stages: { Refiner: concatRefiner() },
      run: async () => ({ answer: '', segments: [] }),
    });
    const { options } = toyModels('concat');
    await expect(
      compose(bare as AnyRecipe)
        .on(fakeSource(options))
        .build(),
    ).rejects.toThrow(/needs 'box-prompt'/);
    const alone = await concatRefiner().create({
      models: toyHost('concat'),
      signal: new AbortController().signal,
      warn: () => undefined,
    });
    await expect(
      alone.refine(imageWith([1, 1]), before(segment('a', [4, 4, 4, 4])), { say: 'it has holes' }, fakeRun()),
    ).rejects.toThrow(/has no Encoder, LanguageModel, PatchAnalyzer, MaskDecoder, CategoryGenerator/);
  });

  it('gives a fourth paradigm from a value, and refuses one whose planes disagree', () => {
    const paradigm = {
      name: 'blank',
      summary: 'nothing',
      planes: 3,
      show: ({ image }: Seen) => image,
    } as const;
    expect(defineRefiner(paradigm, 'mine')().name).toBe('mine/blank');
    expect(() => defineRefiner({ ...paradigm, planes: 4 })).toThrow(/4 planes/);
    expect(() => defineRefiner({ ...paradigm, plane: () => undefined })).toThrow(/3 planes/);
  });

  it('finds something missed that is not there already, the most likely first, or nothing', async () => {
    const image = imageWith([1, 1], [3, 3], [2, 0, 0.7], [0, 3, 0.3]);
    const said = { say: 'you missed something' };
    const first = await refine(image, before(), said);
    expect(first.refined.segments.map(({ bbox }) => bbox)).toEqual([[4, 4, 4, 4]]);
    const known = before(segment('a', [4, 4, 4, 4]), segment('b', [12, 12, 4, 3]));
    const second = await refine(image, known, said);
    expect(second.refined.segments.map(({ bbox }) => bbox).slice(2)).toEqual([[8, 0, 4, 4]]);
    expect(second.refined.refinement).toMatchObject({ situation: 'missed', segment: 2 });
    // The patch of 0.3 is below the analyzer's threshold.
    const all = before(...known.segments, segment('c', [8, 0, 4, 4]));
    const none = await refine(image, all, said);
    expect(none.refined.segments).toEqual(all.segments);
    expect(none.refined.warnings).toEqual(['Nothing was found that is not there already.']);
    expect(none.refined.refinement).not.toHaveProperty('segment');
  });

  it('lets the model read what was said where it is one of its wordings, or by option word by word', () => {
    const preset = { ...readRefinePreset(toyHost('concat')), ownWords: false };
    const said = (say: string, more: { phrasing?: number; wrong?: string; ownWords?: boolean } = {}) =>
      wording(
        { ...preset, ownWords: more.ownWords ?? false },
        { say, situation: more.wrong === undefined ? 'mask' : 'category', wrong: more.wrong ?? '' },
        more.phrasing,
      );
    expect(said('the mask is bad')).toBe('fix 0');
    expect(said('Fix 3!')).toBe('fix 3');
    expect(said('Fix 3!', { phrasing: 1 })).toBe('fix 1');
    expect(said('NOT ring 7.', { wrong: 'ring' })).toBe('not ring 7');
    expect(said('my own words', { ownWords: true })).toBe('my own words');
  });

  it('refuses a bundle that was trained for another paradigm', async () => {
    const other = fakeSource(toyModels('drawn').options);
    await expect(compose(concat).on(other).build()).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    const narrow = fakeSource(toyModels('concat', { planes: 3 }).options);
    await expect(compose(concat).on(narrow).build()).rejects.toMatchObject({ code: 'BUNDLE_SHAPE_MISMATCH' });
  });

  it('finds and names what is in boxes when it is asked alone', async () => {
    const { options } = toyModels('concat');
    await using pipeline = await compose(concat).on(fakeSource(options)).build();
    const found = await pipeline.segment(imageWith([1, 1], [3, 3]), {
      task: 'prompted',
      prompts: [
        { box: box(10, 10, 6, 6), label: 'box 1' },
        { points: { frame: 'ImagePx', xy: Float32Array.of(1, 1), labels: Int8Array.of(1) } },
        { box: box(2, 2, 6, 6) },
      ],
    });
    expect(found.segments.map(({ label, bbox }) => [label, bbox])).toEqual([
      ['ring', [12, 12, 4, 4]],
      ['ring', [4, 4, 4, 4]],
    ]);
    expect(found.warnings).toHaveLength(1);
  });
});

describe('the wordings that are shipped', () => {
  it('say what they are for, by the rules that read a person’s words', async () => {
    const text = await readFile(new URL('../instructions.json', import.meta.url), 'utf8');
    const shipped = JSON.parse(text) as Record<'mask' | 'category' | 'missed', string[]>;
    for (const situation of ['mask', 'category', 'missed'] as const) {
      expect(new Set(shipped[situation]).size).toBe(10);
      for (const wording of shipped[situation]) {
        const words = wording.replace('{category}', 'ring');
        expect([words, readInstruction(words, [segment('ring', [0, 0, 1, 1])]).situation]).toEqual([
          words,
          situation,
        ]);
        if (situation === 'category')
          expect(readInstruction(words, [segment('ring', [0, 0, 1, 1])]).wrong).toBe('ring');
      }
    }
  });
});
