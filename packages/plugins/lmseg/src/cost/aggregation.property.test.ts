import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DenseView, ScoreSession, TextEmbeddings } from '@maskloom/core';
import { Fixture, DEFAULT_SIZES, fakeRun, noise } from '@maskloom/core/conformance';
import { TOY_SIZES, toyLmseg } from '../toy-lmseg.test-helper.js';
import { costAggregation } from './aggregator.js';

const at = new Fixture(32, 32, { ...DEFAULT_SIZES, ...TOY_SIZES });

function views(count: number): DenseView[] {
  const { grid, text } = at.sizes;
  return Array.from({ length: count }, (_, i): DenseView => {
    const tokens = at.tokens('vision');
    const taps = [at.tensor([1, grid * grid, 2], 30 + i), at.tensor([1, grid * grid, 2], 40 + i)];
    const tensor = at.unit([1, text, grid, grid], 20 + i);
    return {
      fused: { features: { ...tokens, layout: 'grid', tensor, width: text } },
      guidance: { ...tokens, taps },
    };
  });
}

function texts(seeds: readonly number[]): TextEmbeddings {
  const width = at.sizes.text;
  const values = new Float32Array(seeds.length * width);
  seeds.forEach((seed, row) => {
    const vector = noise(width, seed);
    const length = Math.hypot(...vector);
    vector.forEach((value, c) => (values[row * width + c] = value / length));
  });
  return { count: seeds.length, width, values };
}

/** Each class's logits on all views. */
async function all(session: ScoreSession): Promise<Map<number, number[]>> {
  const found = new Map<number, number[]>();
  for (let chunk = 0; chunk < session.chunks; chunk++) {
    const { classes, rows, columns, logits } = await session.scores(chunk, fakeRun());
    classes.forEach((index, i) =>
      found.set(
        index,
        logits.flatMap((maps) => [...maps.subarray(i * rows * columns, (i + 1) * rows * columns)]),
      ),
    );
  }
  return found;
}

async function scores(
  seeds: readonly number[],
  options: {
    readonly chunk: number;
    readonly keepBytes?: number;
    readonly maxClasses?: number;
    readonly topK?: number;
  },
  without: readonly string[] = [],
): Promise<Map<number, number[]>> {
  const models = toyLmseg(without);
  const context = { models, signal: new AbortController().signal, warn: () => undefined };
  const stage = await costAggregation(options).create(context);
  const run = fakeRun({ scope: models.scope() });
  const found = await all(await stage.prepare(views(2), texts(seeds), run));
  run.scope.release();
  expect(models.liveTensors).toBe(0);
  return found;
}

function mostDifferent(a: Map<number, number[]>, b: Map<number, number[]>): number {
  expect([...a.keys()]).toEqual([...b.keys()]);
  let most = 0;
  for (const [index, values] of a)
    values.forEach((value, i) => (most = Math.max(most, Math.abs(value - (b.get(index)?.[i] ?? NaN)))));
  return most;
}

const VARIANTS = [
  [],
  ['spatial0', 'spatial1'],
  ['classSums0', 'classSums1'],
  ['classSums0'],
  ['spatial0', 'spatial1', 'classSums0', 'classSums1'],
];

describe('classes in chunks', () => {
  it('score as all classes at once do, whatever the chunk and the memory', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(0, 1000, 2 ** 20),
        fc.constantFrom(...VARIANTS),
        async (count, chunk, keepBytes, without) => {
          const seeds = Array.from({ length: count }, (_, i) => 50 + i);
          const whole = await scores(seeds, { chunk: 100 }, without);
          const parts = await scores(seeds, { chunk, keepBytes }, without);
          expect(mostDifferent(whole, parts)).toBeLessThan(1e-5);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('permute with their places', async () => {
    const seeds = [60, 61, 62, 63, 64];
    const order = [3, 0, 4, 2, 1];
    const straight = await scores(seeds, { chunk: 2 });
    const turned = await scores(
      order.map((index) => seeds[index] ?? 0),
      { chunk: 2 },
    );
    const back = new Map(order.map((index, place) => [index, turned.get(place) ?? []]));
    expect(mostDifferent(straight, new Map([...back].sort(([a], [b]) => a - b)))).toBeLessThan(1e-5);
  });

  it('know of each other through class attention alone', async () => {
    const alone = await scores([60], { chunk: 1 });
    const among = await scores([60, 61], { chunk: 1 });
    expect(mostDifferent(alone, new Map([[0, among.get(0) ?? []]]))).toBeGreaterThan(1e-3);
    const none = ['classSums0', 'classSums1'];
    const deaf = await scores([60], { chunk: 1 }, none);
    const still = await scores([60, 61], { chunk: 1 }, none);
    expect(mostDifferent(deaf, new Map([[0, still.get(0) ?? []]]))).toBeLessThan(1e-6);
  });
});

describe('maxClasses', () => {
  it('keeps the classes of the highest cost, and only those', async () => {
    const seeds = [60, 61, 62, 63, 64, 65];
    const kept = await scores(seeds, { chunk: 2, maxClasses: 3 });
    expect(kept.size).toBe(3);
    const chosen = [...kept.keys()].map((index) => seeds[index] ?? 0);
    const again = await scores(chosen, { chunk: 5 });
    const same = new Map([...kept.keys()].map((index, place) => [index, again.get(place) ?? []]));
    expect(mostDifferent(kept, same)).toBeLessThan(1e-5);
    expect((await scores(seeds, { chunk: 2, maxClasses: 6 })).size).toBe(6);
  });
});

describe('topK', () => {
  const seeds = [60, 61, 62, 63, 64, 65];

  it('leaves out nothing where no view has more classes', async () => {
    const whole = await scores(seeds, { chunk: 2 });
    expect(mostDifferent(whole, await scores(seeds, { chunk: 2, topK: 6 }))).toBe(0);
  });

  it.each([1, 4, 100])('scores each view as its own best classes alone do (chunks of %i)', async (chunk) => {
    const cells = at.sizes.grid ** 2;
    const kept = await scores(seeds, { chunk, topK: 3 });
    expect(kept.size).toBeGreaterThanOrEqual(3);
    for (const view of [0, 1]) {
      const here = [...kept].flatMap(([index, values]) => {
        const maps = values.slice((values.length / 2) * view, (values.length / 2) * (view + 1));
        return maps.every((value) => value === -100) ? [] : [{ index, maps }];
      });
      expect(here).toHaveLength(3);
      const alone = await scores(
        here.map(({ index }) => seeds[index] ?? 0),
        { chunk: 5 },
      );
      here.forEach(({ maps }, place) => {
        const values = alone.get(place) ?? [];
        const expected = values.slice((values.length / 2) * view, (values.length / 2) * (view + 1));
        expect(maps.length % cells).toBe(0);
        maps.forEach((value, i) => expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(1e-5));
      });
    }
  });
});
