import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeMask,
  encodeMask,
  maskIou,
  type Prediction,
  type RefineInstruction,
  type RleMask,
  type Segment,
} from '@maskloom/core';
import { worstClasses } from '@maskloom/metrics';
import type { RefineCall, RefineTruth } from './model.js';
import { paintClasses } from './paint-classes.js';
import { refineReferring } from './refine-referring.js';
import { refineWithOracle } from './refine-with-oracle.js';
import { refineLeastSure } from './without-oracle.js';

const SIDE = 10;

/** A rectangle of pixels. */
function rectangle(x: number, y: number, width: number, height: number): RleMask {
  const pixels = new Uint8Array(SIDE * SIDE);
  for (let row = y; row < y + height; row++) pixels.fill(1, row * SIDE + x, row * SIDE + x + width);
  return encodeMask(pixels, SIDE, SIDE);
}

function segment(label: string, mask: RleMask, score = 0.5): Segment {
  const { pixels } = decodeMask(mask);
  return { label, score, mask, area: pixels.reduce((sum, set) => sum + set, 0), bbox: [0, 0, SIDE, SIDE] };
}

const predictionOf = (...segments: Segment[]): Prediction => ({
  system: 's',
  recipe: 'r',
  request: { task: 'semantic' },
  answer: '',
  segments,
  stages: [],
  warnings: [],
});
const truthOf = (...segments: readonly (readonly [string, RleMask])[]): RefineTruth => ({
  width: SIDE,
  height: SIDE,
  segments: segments.map(([label, mask]) => ({ label, mask })),
});

/** A refiner that knows the truth: it gives the true region in the box, with its name unless only the mask is wrong. */
function perfect(truth: RefineTruth, said: RefineInstruction[]): RefineCall {
  return async (prediction, instruction) => {
    said.push(instruction);
    const { box, segment: at, situation = 'mask' } = instruction;
    const found = truth.segments.find(({ mask }) => {
      const { pixels } = decodeMask(mask);
      return box !== undefined && pixels[box.y * SIDE + box.x] === 1;
    });
    if (found === undefined) throw new Error('the box points at nothing');
    const label = situation === 'mask' ? (prediction.segments[at ?? 0]?.label ?? '') : found.label;
    const made = segment(label, found.mask, 1);
    const segments =
      at === undefined
        ? [...prediction.segments, made]
        : prediction.segments.map((one, i) => (i === at ? made : one));
    const refinement = { by: 'perfect', situation, say: instruction.say, segment: at ?? segments.length - 1 };
    return { ...prediction, segments, refinement };
  };
}

describe('UmI and Algorithm 1, by hand', () => {
  // Rows are true classes a, b, c, d, columns predictions a, b, c, d, nothing.
  const pixels = Float64Array.from(
    [
      [50, 10, 0, 0, 40], // a: found by half, recall 0.5
      [0, 5, 60, 0, 35], // b: recall 0.05, c has more than half of it
      [0, 30, 0, 30, 40], // c: recall 0, no other class has more than half
      [0, 0, 0, 100, 0], // d: all found
    ].flat(),
  );

  it('orders classes by union minus intersection and judges each', () => {
    // a: 100 + 50 - 2 * 50; b: 100 + 45 - 2 * 5; c: 100 + 60 - 0; d: 100 + 130 - 2 * 100.
    expect(worstClasses({ classes: 4, pixels }, 5)).toEqual([
      { classIndex: 2, umi: 160, recall: 0, situation: 'missed' },
      { classIndex: 1, umi: 135, recall: 0.05, situation: 'category' },
      { classIndex: 0, umi: 50, recall: 0.5, situation: 'mask' },
      { classIndex: 3, umi: 30, recall: 1, situation: 'mask' },
    ]);
    expect(worstClasses({ classes: 4, pixels }, 2)).toHaveLength(2);
  });

  it('holds its two thresholds as the algorithm writes them', () => {
    const judge = (own: number, other: number, nothing: number) =>
      worstClasses({ classes: 2, pixels: Float64Array.of(own, other, nothing, 0, 0, 0) }, 1)[0]?.situation;
    expect(judge(20, 80, 0)).toBe('mask'); // recall < 0.2 is strict
    expect(judge(19, 81, 0)).toBe('category');
    expect(judge(0, 50, 50)).toBe('missed'); // > 0.5 is strict
    expect(judge(0, 51, 49)).toBe('category');
  });

  it('is the pixels that are in one of truth and prediction but not in both, whatever the matrix', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 12, maxLength: 12 }), (counts) => {
        const found = worstClasses({ classes: 3, pixels: Float64Array.from(counts) }, 3);
        for (const { classIndex: c, umi, recall } of found) {
          let [missed, wrong, truth] = [0, 0, 0];
          counts.forEach((count, i) => {
            const [row, column] = [Math.floor(i / 4), i % 4];
            if (row === c) truth += count;
            if (row === c && column !== c) missed += count;
            if (row !== c && column === c) wrong += count;
          });
          expect(umi).toBe(missed + wrong);
          expect(recall).toBeCloseTo(truth === 0 ? 0 : (truth - missed) / truth, 12);
        }
        expect(found.map(({ umi }) => umi)).toEqual(found.map(({ umi }) => umi).sort((a, b) => b - a));
      }),
    );
  });
});

describe('the oracle for semantic segmentation', () => {
  const classes = ['ring', 'star', 'sky', 'rock'];
  const truth = truthOf(
    ['sky', rectangle(0, 0, 10, 5)],
    ['star', rectangle(0, 5, 4, 4)],
    ['ring', rectangle(6, 5, 4, 4)],
  );

  it('says what Algorithm 1 finds, worst class first, and marks every result', async () => {
    const said: RefineInstruction[] = [];
    const before = predictionOf(
      segment('sky', rectangle(0, 0, 10, 3)), // 20 pixels missed: mask
      segment('rock', rectangle(0, 5, 4, 4)), // the star, by a wrong name: category
    ); // the ring: missed
    const { prediction, turns } = await refineWithOracle(before, truth, perfect(truth, said), {
      kind: 'semantic',
      classes,
    });
    expect(said.map(({ situation, segment: at, wrong }) => [situation, at, wrong])).toEqual([
      ['mask', 0, undefined],
      ['missed', undefined, undefined],
      ['category', 1, 'rock'],
    ]);
    expect(turns.every(({ prediction: after }) => after.refinement?.oracle === true)).toBe(true);
    expect(paintClasses(truth, classes, prediction.segments)).toEqual(
      paintClasses(truth, classes, truth.segments),
    );
  });

  it('refines at most five classes, none that is not there, and nothing that is right', async () => {
    const said: RefineInstruction[] = [];
    const right = predictionOf(...truth.segments.map(({ label, mask }) => segment(label, mask)));
    const none = await refineWithOracle(right, truth, perfect(truth, said), { kind: 'semantic', classes });
    expect(none).toEqual({ prediction: right, turns: [] });
    const spare = predictionOf(...right.segments, segment('rock', rectangle(9, 9, 1, 1)));
    await refineWithOracle(spare, truth, perfect(truth, said), { kind: 'semantic', classes });
    expect(said).toEqual([]);
    await refineWithOracle(predictionOf(), truth, perfect(truth, said), {
      kind: 'semantic',
      classes,
      most: 2,
    });
    expect(said).toHaveLength(2);
  });
});

describe('the oracle for instance segmentation', () => {
  const truth = truthOf(['star', rectangle(0, 0, 4, 4)], ['ring', rectangle(6, 6, 4, 4)]);

  it('refines predictions under 0.5 IoU, by falling score, by name right or wrong', async () => {
    const said: RefineInstruction[] = [];
    const before = predictionOf(
      segment('star', rectangle(0, 0, 2, 3), 0.4), // IoU 6/16: mask
      segment('cross', rectangle(6, 6, 2, 2), 0.9), // IoU 4/16: category
      segment('star', rectangle(0, 0, 4, 3), 0.8), // IoU 12/16: fine
      segment('sky', rectangle(0, 9, 2, 1), 0.99), // meets nothing
    );
    const { prediction } = await refineWithOracle(before, truth, perfect(truth, said), { kind: 'instance' });
    expect(said.map(({ situation, segment: at, wrong }) => [situation, at, wrong])).toEqual([
      ['category', 1, 'cross'],
      ['mask', 0, undefined],
    ]);
    expect(prediction.segments[1]?.label).toBe('ring');
    expect(prediction.refinement?.oracle).toBe(true);
    for (const i of [0, 1])
      expect(maskIou(prediction.segments[i]?.mask as RleMask, truth.segments[i]?.mask as RleMask)).toBe(1);
  });

  it('refines ten at most', async () => {
    const said: RefineInstruction[] = [];
    const many = Array.from({ length: 14 }, (_, i) => segment('star', rectangle(0, 0, 1, 1), i / 20));
    await refineWithOracle(predictionOf(...many), truth, perfect(truth, said), { kind: 'instance' });
    expect(said.map(({ segment: at }) => at)).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4]);
  });
});

describe('refinement without an oracle', () => {
  it('draws what the system is least sure of again, and marks nothing', async () => {
    const said: RefineInstruction[] = [];
    const refine: RefineCall = async (prediction, instruction) => {
      said.push(instruction);
      return { ...prediction, refinement: { by: 'x', situation: 'mask', say: instruction.say, segment: 0 } };
    };
    const scores = [0.9, 0.3, 0.5, 0.3];
    const before = predictionOf(...scores.map((score) => segment('star', rectangle(0, 0, 2, 2), score)));
    const { prediction } = await refineLeastSure(before, refine, { most: 3 });
    expect(said.map(({ segment: at, box }) => [at, box])).toEqual([
      [1, undefined],
      [3, undefined],
      [2, undefined],
    ]);
    expect(prediction.refinement?.oracle).toBeUndefined();
    await refineLeastSure(before, refine, { sure: 0.3 });
    expect(said).toHaveLength(3);
  });
});

describe('refinement of referring predictions', () => {
  const box = { frame: 'ImagePx', x: 0, y: 0, width: 4, height: 4 } as const;
  const before = predictionOf(
    segment('the star', rectangle(0, 0, 2, 3)),
    segment('the star', rectangle(0, 0, 0, 0)),
    segment('the star', rectangle(6, 6, 4, 4)),
  );
  const truth = truthOf(['the star', rectangle(0, 0, 4, 4)]);

  it('draws every mask again, an oracle where the truth gives the box', async () => {
    const said: RefineInstruction[] = [];
    const { prediction, turns } = await refineReferring(before, perfect(truth, said), { box, oracle: true });
    expect(said.map(({ situation, segment: at, box: where }) => [situation, at, where])).toEqual([
      ['mask', 0, box],
      ['mask', 2, box],
    ]);
    expect(turns.every(({ prediction: after }) => after.refinement?.oracle === true)).toBe(true);
    expect(prediction.segments.map(({ area }) => area)).toEqual([16, 0, 16]);
  });

  it('marks nothing and gives no box without one, and leaves a refusal alone', async () => {
    const said: RefineInstruction[] = [];
    const refine: RefineCall = async (prediction, instruction) => {
      said.push(instruction);
      return { ...prediction, refinement: { by: 'x', situation: 'mask', say: instruction.say, segment: 0 } };
    };
    const { prediction } = await refineReferring(before, refine, { oracle: false });
    expect(said.map(({ box: where }) => where)).toEqual([undefined, undefined]);
    expect(prediction.refinement?.oracle).toBeUndefined();
    const none = predictionOf();
    expect(await refineReferring(none, refine, { oracle: true, box })).toEqual({
      prediction: none,
      turns: [],
    });
  });
});
