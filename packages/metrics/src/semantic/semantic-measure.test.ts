import { encodeMask } from '@maskloom/core';
import { describe, expect, it } from 'vitest';
import { measuresGolden } from '../measures-golden.test-helper.js';
import type { Measure } from '../measure/measure.js';
import { confusionOf, type ConfusionPart } from './confusion.js';
import { worstClasses } from './refinement-choice.js';
import { semanticMeasure, type SemanticInput, type SemanticOptions } from './semantic-measure.js';

const golden = measuresGolden().semantic;
const classes = Array.from({ length: golden.classes }, (_, i) => `class ${i}`);

function ade(options: Partial<SemanticOptions> = {}): Measure<SemanticInput, ConfusionPart> {
  return semanticMeasure({ classes, reduceZeroLabel: true, ...options });
}

function summed(measure: Measure<SemanticInput, ConfusionPart>): ReturnType<typeof measure.accumulator> {
  const sums = measure.accumulator();
  golden.images.forEach(({ width, height, truth, prediction }, i) => {
    const input = { width, height, truth: Uint8Array.from(truth), prediction: Int32Array.from(prediction) };
    sums.add(i, measure.count(input));
  });
  return sums;
}

describe('semantic figures', () => {
  it('equal the ADE20K counting of MMSegmentation to 1e-12', () => {
    const { figures } = summed(ade()).result({ intervals: false });
    const { IoU, UmI, ...means } = golden.mmsegmentation;
    for (const [name, value] of Object.entries(means))
      expect(figures[name]?.value, name).toBeCloseTo(value, 12);
    classes.forEach((name, c) => {
      const iou = IoU[c] ?? null;
      if (iou === null) expect(figures[`IoU ${name}`]?.value).toBeNull();
      else expect(figures[`IoU ${name}`]?.value).toBeCloseTo(iou, 12);
      expect(figures[`UmI ${name}`]?.value).toBeCloseTo(UmI[c] ?? NaN, 9);
    });
    expect(figures['UmI']?.value).toBeCloseTo(
      UmI.reduce((sum, value) => sum + value, 0),
      9,
    );
  });

  it("equal Detectron2's evaluator, whose means leave out classes that are never true", () => {
    const { figures } = summed(ade({ scoredClasses: 'truth' })).result({ intervals: false });
    for (const [name, value] of Object.entries(golden.detectron2)) {
      expect(figures[name]?.value, name).toBeCloseTo(value, 12);
    }
    expect(golden.detectron2.mIoU).not.toBeCloseTo(golden.mmsegmentation.mIoU, 3);
  });

  it('have the reference confusion matrix behind them', () => {
    const { pixels } = confusionOf(summed(ade()));
    const rows = golden.confusion.map((row) => [...row, 0]);
    expect([...pixels]).toEqual(rows.flat());
  });

  it('count no class as missed, and take masks painted in order', () => {
    const measure = semanticMeasure({ classes: ['a', 'b'] });
    const left = encodeMask(Uint8Array.of(1, 1, 0, 0), 4, 1);
    const middle = encodeMask(Uint8Array.of(0, 1, 0, 0), 4, 1);
    const prediction = {
      segments: [
        { classIndex: 0, mask: left },
        { classIndex: 1, mask: middle },
      ],
    };
    const part = measure.count({ width: 4, height: 1, truth: Uint8Array.of(0, 1, 1, 255), prediction });
    expect(part).toEqual([0, 0, 1, 1, 1, 1, 1, 2, 1]);
    const { figures } = measure.accumulator().add('x', part).result({ intervals: false });
    expect(figures['IoU b']?.value).toBe(0.5);
    expect(figures['mIoU']).toEqual({ value: 0.75, interval: null, n: 2 });
    expect(figures['pixel accuracy']).toMatchObject({ value: 2 / 3, n: 3 });
  });

  it('read 16-bit values and an ignored value of their own', () => {
    const measure = semanticMeasure({ classes: ['a', 'b'], ignoreIndex: 65_535 });
    const truth = Uint16Array.of(1, 65_535, 0, 1);
    expect(measure.count({ width: 2, height: 2, truth, prediction: Int32Array.of(1, 1, 1, 1) })).toEqual([
      0, 1, 1, 1, 1, 2,
    ]);
  });

  it('say where an input is wrong', () => {
    const measure = semanticMeasure({ classes: ['a', 'b'] });
    const count = (truth: number[], prediction: number[]): unknown =>
      measure.count({
        width: 2,
        height: 1,
        truth: Uint8Array.from(truth),
        prediction: Uint8Array.from(prediction),
      });
    const invalid = expect.objectContaining({ code: 'VALUE_INVALID' }) as Error;
    expect(() => count([0, 2], [0, 0])).toThrow(/value 2 at pixel 1/);
    expect(() => count([0], [0])).toThrow(invalid);
    expect(() => count([0, 1], [0])).toThrow(invalid);
    expect(() => semanticMeasure({ classes: ['a', 'a'] })).toThrow(invalid);
    expect(() => measure.parsePart([0, 3, 1])).toThrow(invalid);
    expect(() => measure.parsePart([0, 1])).toThrow(invalid);
  });
});

describe('what to refine', () => {
  it('is the classes of highest UmI, each with what is wrong with it', () => {
    const measure = semanticMeasure({ classes: ['whole', 'renamed', 'missed', 'rough', 'ghost'] });
    const truth = [
      ...new Array<number>(10).fill(0),
      ...new Array<number>(10).fill(1),
      ...new Array<number>(8).fill(2),
    ];
    truth.push(...new Array<number>(6).fill(3));
    const prediction = [...new Array<number>(10).fill(0), 1, ...new Array<number>(9).fill(4)];
    prediction.push(...new Array<number>(8).fill(255), 3, 3, 3, 0, 0, 0);
    const sums = measure.accumulator().add(
      1,
      measure.count({
        width: truth.length,
        height: 1,
        truth: Uint8Array.from(truth),
        prediction: Uint8Array.from(prediction),
      }),
    );
    const matrix = confusionOf(sums);
    expect(worstClasses(matrix)).toEqual([
      { classIndex: 1, umi: 9, recall: 0.1, situation: 'category' },
      { classIndex: 4, umi: 9, recall: 0, situation: 'mask' },
      { classIndex: 2, umi: 8, recall: 0, situation: 'missed' },
      { classIndex: 0, umi: 3, recall: 1, situation: 'mask' },
      { classIndex: 3, umi: 3, recall: 0.5, situation: 'mask' },
    ]);
    expect(worstClasses(matrix, 2)).toHaveLength(2);
  });
});
