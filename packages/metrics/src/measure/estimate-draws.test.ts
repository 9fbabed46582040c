import { Prng } from '@maskloom/core';
import { describe, expect, it } from 'vitest';
import type { ConfusionPart } from '../semantic/confusion.js';
import { semanticEstimator } from '../semantic/semantic-estimator.js';
import { semanticMeasure } from '../semantic/semantic-measure.js';
import { bootstrapEstimator } from './bootstrap-estimator.js';
import { compareAccumulators } from './compare.js';
import { drawImages, estimateDraws } from './estimate-draws.js';
import { BLOCK, type Estimator } from './estimator.js';
import { PartAccumulator, type Counting } from './part-accumulator.js';

const classes = ['a', 'b', 'c', 'd', 'never'];

/** What images have: some nothing at all, some classes in the truth or in the prediction alone, one in neither. */
function drawParts(prng: Prng, images: number): ConfusionPart[] {
  return Array.from({ length: images }, () =>
    Array.from({ length: prng.int(6) }, () => [
      prng.int(4),
      // The last is "no class".
      prng.pick([0, 1, 2, 3, classes.length]),
      prng.int(prng.chance(0.3) ? 2_000_000 : 40),
    ]).flat(),
  );
}

/** The same without blocks. */
function oneByOne({ names, counts, estimate }: Estimator): Estimator {
  return { names, counts, estimate };
}

describe('figures of many draws', () => {
  it.each([
    [1, 20],
    [2, 1],
    [7, 8],
    [40, 101],
  ])('of %i images and %i draws are those of each draw, in blocks or not', (images, draws) => {
    for (const truthOnly of [false, true]) {
      for (let seed = 0; seed < 10; seed++) {
        const parts = drawParts(new Prng(seed, images), images);
        const estimator = semanticEstimator(parts, classes, truthOnly, undefined);
        const draw = (): ((weights: Int32Array, d: number) => void) => {
          const prng = new Prng(seed);
          return (weights, d) => drawImages(prng, images, weights, d);
        };
        const found = estimateDraws(estimator, images, draws, draw());
        expect(found).toEqual(estimateDraws(oneByOne(estimator), images, draws, draw()));
        // The plain way: of the images that were drawn, each as often as it was.
        const prng = new Prng(seed);
        const chosen = Array.from({ length: draws }, () =>
          Array.from({ length: images }, () => parts[prng.int(images)]!),
        );
        chosen.forEach((drawn, d) => {
          const alone = semanticEstimator(drawn, classes, truthOnly, undefined).estimate();
          expect(estimator.names.map((_, f) => found[f * draws + d])).toEqual([...alone]);
        });
        expect(Number.isNaN(found[estimator.names.indexOf('IoU never') * draws])).toBe(true);
        const options = { draws, seed, level: 0.9 };
        expect(bootstrapEstimator(estimator, images, options)).toEqual(
          bootstrapEstimator(oneByOne(estimator), images, options),
        );
      }
    }
  });

  it('take a block of estimators that have a way to', () => {
    const blocks: number[] = [];
    const estimator: Estimator = {
      names: ['images'],
      counts: [0],
      estimate: () => Float64Array.of(NaN),
      estimateBlock: (weights) => {
        blocks.push(weights.length);
        return weights.reduce((sums, weight, i) => {
          sums[i % BLOCK]! += weight;
          return sums;
        }, new Float64Array(BLOCK));
      },
    };
    const prng = new Prng(1);
    const found = estimateDraws(estimator, 3, BLOCK + 2, (weights, d) => drawImages(prng, 3, weights, d));
    expect([...found]).toEqual(new Array(BLOCK + 2).fill(3));
    expect(blocks).toEqual([3 * BLOCK, 3 * BLOCK]);
  });

  it('compare two systems the same, in blocks or not', () => {
    const { counting } = semanticMeasure({ classes }).accumulator() as PartAccumulator<ConfusionPart>;
    const plain: Counting<ConfusionPart> = {
      ...counting,
      prepare: (parts, only) => oneByOne(counting.prepare(parts, only)),
    };
    const systems = (how: Counting<ConfusionPart>): PartAccumulator<ConfusionPart>[] =>
      [1, 2].map((seed) => {
        const sums = new PartAccumulator(how);
        drawParts(new Prng(seed), 9).forEach((part, i) => sums.add(i, part));
        return sums;
      });
    const compare = ([a, b]: PartAccumulator<ConfusionPart>[]): unknown =>
      compareAccumulators(a!, b!, { figures: ['mIoU', 'IoU c', 'IoU never'], draws: 51, permutations: 30 });
    expect(compare(systems(counting))).toEqual(compare(systems(plain)));
  });
});
