import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  compose,
  defineRecipe,
  maskBox,
  type RleMask,
  type Segment,
  type SegmentRequest,
} from '@maskloom/core';
import { fakeSource } from '@maskloom/core/conformance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readReferring, syntheticReferring } from '@maskloom/data';
import { writeSynth } from '@maskloom/synth';
import { evaluate } from './evaluate.js';

const data = mkdtempSync(join(tmpdir(), 'maskloom-evaluate-'));
const COUNT = 4;
/** Image path to text (or box) to mask. */
const truths = new Map<string, Map<string, RleMask>>();

beforeAll(async () => {
  await writeSynth({ out: join(data, 'set'), count: COUNT, seed: 8_310_000, width: 96, height: 64 });
  for await (const { path, queries } of readReferring(syntheticReferring(join(data, 'set'), 'refer'))) {
    const known = new Map<string, RleMask>();
    for (const { text, mask } of queries) {
      if (mask === undefined) continue;
      known.set(text, mask);
      known.set(maskBox(mask).join(), mask);
    }
    truths.set(path, known);
  }
});
afterAll(() => rmSync(data, { recursive: true }));

const segment = (label: string, mask: RleMask): Segment => ({
  label,
  mask,
  score: 1,
  bbox: [0, 0, 0, 0],
  area: 1,
});
type Answer = (known: ReadonlyMap<string, RleMask>, request: SegmentRequest) => readonly Segment[];

/** A pipeline of no stages that answers from the truth. */
const oracle = (name: string, task: 'referring' | 'prompted' | 'semantic', answer: Answer) =>
  compose(
    defineRecipe({
      system: 'oracle',
      name,
      summary: 'Knows the truth.',
      tasks: [task],
      wiring: {},
      stages: {},
      run: async (_, image, request) => ({
        answer: '',
        segments: answer(truths.get(image.source ?? '') ?? new Map(), request),
      }),
    }),
  )
    .on(fakeSource({}))
    .build();

const knowing: Answer = (known, { text = '' }) => {
  const mask = known.get(text);
  return mask === undefined ? [] : [segment(text, mask)];
};
const stubborn: Answer = (known) => [...known.values()].slice(0, 1).map((mask) => segment('it', mask));
const byBox: Answer = (known, { prompts = [] }) =>
  prompts.flatMap(({ label = '', box }) => {
    const mask = box && known.get([box.x, box.y, box.width, box.height].join());
    return mask === undefined ? [] : [segment(label, mask)];
  });

describe('evaluate', () => {
  it('gives all to who knows, and its control little', async () => {
    const { images, recipes } = await evaluate({
      data: join(data, 'set'),
      pipelines: [
        await oracle('knowing', 'referring', knowing),
        await oracle('stubborn', 'referring', stubborn),
      ],
    });
    expect(images).toBe(COUNT);
    const { knowing: best, stubborn: worst } = {
      knowing: recipes['oracle/knowing']?.figures ?? {},
      stubborn: recipes['oracle/stubborn']?.figures ?? {},
    };
    for (const column of [
      'cIoU all',
      'gIoU all',
      'cIoU paired',
      'See',
      'See accept',
      'See reject',
      'Segment cIoU',
    ])
      expect(best[column]?.value, column).toBe(1);
    expect(best['cIoU control']?.value).toBeLessThan(0.1);
    // Whoever gives one mask to every phrase scores on swapped phrases what it scores on its own.
    expect(worst['cIoU control']?.value).toBeCloseTo(worst['cIoU paired']?.value ?? NaN, 12);
    expect(worst['See reject']?.value).toBe(0);
    expect(worst['See accept']?.value).toBe(1);
  });

  it('prompts with the tight box of every segment of the panoptic picture', async () => {
    const pipelines = [await oracle('boxes', 'prompted', byBox)];
    const { recipes } = await evaluate({ data: join(data, 'set'), pipelines });
    const figures = recipes['oracle/boxes']?.figures ?? {};
    expect(figures['mIoU box all']?.value).toBe(1);
    expect(figures['mIoU point all']?.value).toBe(0);
    expect(figures['mIoU box all']?.n).toBe(
      (figures['mIoU box things']?.n ?? NaN) + (figures['mIoU box stuff']?.n ?? NaN),
    );
  });

  it('asks about the first images only, each text once, and tells how far it is', async () => {
    const asked: string[] = [];
    const steps: string[] = [];
    const listening: Answer = (_, { text = '' }) => (asked.push(text), []);
    const pipelines = [await oracle('listening', 'referring', listening)];
    const onProgress = (done: number, total: number): unknown => steps.push(`${done}/${total}`);
    const { recipes } = await evaluate({ data: join(data, 'set'), pipelines, limit: 1, onProgress });
    expect(steps).toEqual(['1/1']);
    expect(new Set(asked).size).toBe(asked.length);
    expect(recipes['oracle/listening']?.questions).toBe(asked.length);
  });

  it('asks for two at once where that was trained, each mask in its place', async () => {
    const both: Answer = (known, { text = '' }) =>
      text.split(' and ').flatMap((part) => knowing(known, { task: 'referring', text: part }));
    const turned: Answer = (known, request) => both(known, request).toReversed();
    const pipelines = [await oracle('both', 'referring', both), await oracle('turned', 'referring', turned)];
    const ids = pipelines.map(({ id }) => id);
    const { recipes } = await evaluate({ data: join(data, 'set'), pipelines, several: ids });
    const [right, wrong] = ids.map((id) => recipes[id]?.figures ?? {});
    expect(right?.['several: two masks']).toMatchObject({ value: 1, n: COUNT });
    expect(right?.['several: gIoU']).toMatchObject({ value: 1, n: 2 * COUNT });
    expect(wrong?.['several: gIoU']?.value).toBeLessThan(0.1);
    const untrained = await evaluate({ data: join(data, 'set'), pipelines, limit: 1 });
    expect(Object.keys(untrained.recipes['oracle/both']?.figures ?? {}).join()).not.toContain('several');
  });

  it('ends with the signal, and has no measure for other tasks', async () => {
    const stop = new AbortController();
    const stopping: Answer = () => (stop.abort(), []);
    const folder = join(data, 'set');
    await expect(
      evaluate({
        data: folder,
        pipelines: [await oracle('stopping', 'referring', stopping)],
        signal: stop.signal,
      }),
    ).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(
      evaluate({ data: folder, pipelines: [await oracle('naming', 'semantic', () => [])] }),
    ).rejects.toMatchObject({ code: 'TASK_UNSUPPORTED' });
    await expect(
      evaluate({ data: join(data, 'none'), pipelines: [await oracle('knowing', 'referring', knowing)] }),
    ).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });
});
