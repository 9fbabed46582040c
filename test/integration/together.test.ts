import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import {
  compose,
  encodeLabel,
  LanguageModel,
  MaskloomError,
  PatchAnalyzer,
  type ImageFrame,
  type Pipeline,
  type Prediction,
  type RefineInstruction,
  type Segment,
} from '@maskloom/core';
import { makeScene } from '@maskloom/synth';
import { oneVisionLanguageModel } from '@maskloom/llava';
import { concat } from '@maskloom/refine';
import { patch, patchAnalyzer } from '@maskloom/rose';
import { folderBundle, onnx, type OnnxSource } from '@maskloom/runtime';
import { vanilla } from '@maskloom/stacked-seg';

/** Scenes of three shapes, with different numbers of things. */
const scenes = [makeScene(8_930_000, 128, 128), makeScene(8_930_001, 160, 96), makeScene(8_930_002, 96, 160)];
const images = scenes.map(({ rgb, width, height, seed }): ImageFrame => {
  return { rgb, width, height, sha256: `scene ${seed}` };
});

/**
 * Tensors that a pipeline which writes names keeps between its runs: keys and values, by four layers, of the prompt that all
 * names share. They go when it is disposed of.
 */
const KEPT = 8;

/** What a prediction says; how long it took may differ. */
const said = ({ stages: _, ...prediction }: Prediction) => prediction;

/** The first things of a scene as a system would have found them, their masks cut in half. */
function found(place: number, count: number): Prediction {
  const { things, labels, width, height } = scenes[place] ?? makeScene(1, 64, 64);
  const segments = things.slice(0, count).map(({ id, shape, bbox }): Segment => {
    const [x, y, w, h] = bbox;
    const half = labels.map((label, i) => (label === id && i % width < x + w / 2 ? 1 : 0));
    const mask = encodeLabel(half, width, height, 1);
    const area = half.reduce((sum, set) => sum + set, 0);
    return { label: shape, score: 0.5, bbox: [x, y, Math.ceil(w / 2), h], area, mask };
  });
  const request = { task: 'free' } as const;
  return { system: 'other', recipe: 'one', request, answer: '', segments, stages: [], warnings: [] };
}

let models: OnnxSource;
beforeAll(() => {
  models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu', threads: 1 });
});
afterAll(() => models.dispose());

describe('several images at once give what each gives alone', () => {
  /** A system, and the same one when it finds nothing: the two share their sessions. */
  const pairs = {
    'rose/patch': () => [
      compose(patch),
      compose(patch).with(PatchAnalyzer, patchAnalyzer({ minObjectness: 1 })),
    ],
    'stacked-seg/vanilla': () => [
      compose(vanilla),
      compose(vanilla).with(
        LanguageModel,
        oneVisionLanguageModel({ instruction: 'list', forcedAnswer: 'nothing.' }),
      ),
    ],
  };
  it.each(Object.entries(pairs))('%s, one image with nothing in it', async (_, builders) => {
    const [system, blind] = await Promise.all(builders().map((one) => one.on(models).build()));
    if (system === undefined || blind === undefined) throw new Error('two pipelines');
    const ask = (pipeline: Pipeline, image: ImageFrame) => pipeline.segment(image, { task: 'free' });
    const jobs = [
      ...images.map((image) => () => ask(system, image)),
      ...images.slice(0, 1).map((image) => () => ask(blind, image)),
    ];
    const alone: Prediction[] = [];
    for (const job of jobs) alone.push(await job());
    expect([0, KEPT]).toContain(models.liveTensors);
    const together = await Promise.all(jobs.map((job) => job()));
    expect(together.map(said)).toEqual(alone.map(said));
    const counts = together.map(({ segments }) => segments.length);
    expect(counts.at(-1)).toBe(0);
    expect(Math.max(...counts)).toBeGreaterThan(1);
    expect(new Set(counts).size).toBeGreaterThan(2);
    expect([0, KEPT]).toContain(models.liveTensors);
    await Promise.all([system.dispose(), blind.dispose()]);
    expect(models.liveTensors).toBe(0);
  });

  it('refinement of none, one and several segments', async () => {
    const refiner = await compose(concat).on(models).build();
    const box = { frame: 'ImagePx', x: 8, y: 8, width: 40, height: 40 } as const;
    const turns: readonly (readonly [number, number, RefineInstruction])[] = [
      [0, 0, { say: 'you missed the thing in this box', box }],
      [1, 1, { say: 'the mask is incomplete' }],
      [2, 3, { say: 'the name is wrong', segment: 2 }],
      [0, 3, { say: 'redraw', segment: 0 }],
    ];
    const jobs = turns.map(([place, count, instruction]) => () => {
      const image = images[place] as ImageFrame;
      return refiner.refine(image, found(place, count), instruction);
    });
    const alone: Prediction[] = [];
    for (const job of jobs) alone.push(await job());
    const together = await Promise.all(jobs.map((job) => job()));
    expect(together.map(said)).toEqual(alone.map(said));
    expect(together.map(({ segments }) => segments.length)).toEqual([1, 1, 3, 3]);
    expect(models.liveTensors).toBe(KEPT);
    await refiner.dispose();
    expect(models.liveTensors).toBe(0);
  });
});

describe('a turn that is given up', { timeout: 120_000 }, () => {
  it('leaves no tensor, no listener, and a conversation as it was', async () => {
    await using system = await compose(vanilla).on(models).build();
    await using refiner = await compose(concat).on(models).build();
    const image = images[0] as ImageFrame;
    const talk = system.converse(image, { refiner });
    talk.adopt(found(0, 2));
    let given = 0;
    // Later each time, so that it ends between other model calls, until a turn is through before.
    for (let after = 0; given === after && after < 40; after++) {
      const controller = new AbortController();
      const { signal } = controller;
      const timer = setTimeout(() => controller.abort(), 3 * after);
      try {
        await talk.say('the name is wrong', { segment: 1 }, { signal });
      } catch (error) {
        expect(MaskloomError.is(error) && error.code).toBe('ABORTED');
        expect(talk.steps).toHaveLength(1);
        given++;
      }
      clearTimeout(timer);
      expect(getEventListeners(signal, 'abort')).toEqual([]);
      expect([0, KEPT]).toContain(models.liveTensors);
    }
    expect(given).toBeGreaterThan(2);
    if (talk.steps.length === 1) await talk.say('the name is wrong', { segment: 1 });
    expect(talk.steps).toHaveLength(2);
    expect(models.liveTensors).toBe(KEPT);
  });
});
