import { MaskloomError } from '@maskloom/core';
import type { Accumulator } from '../measure/measure.js';
import type { ClassMap } from './label-map.js';

/**
 * Pixels of one image by true and predicted class: flat [truth, prediction, pixels, truth, prediction, pixels, ...] in
 * ascending order. A prediction that is no class has the index `classes`.
 */
export type ConfusionPart = readonly number[];

/** How truth values become classes. */
export interface TruthRules {
  /** Number of classes. */
  readonly classes: number;
  /** Value of the truth that does not count; `null` for none. */
  readonly ignoreIndex: number | null;
  /** ADE20K: the values 0 and 255 are ignored, every other one is class value - 1. */
  readonly reduceZeroLabel: boolean;
}

/**
 * Counts the pixels of one image.
 * @throws MaskloomError `VALUE_INVALID` when sizes differ or a true value is neither a class nor ignored
 */
export function countConfusion(truth: ClassMap, prediction: ClassMap, rules: TruthRules): ConfusionPart {
  const { classes } = rules;
  if (truth.length !== prediction.length) {
    throw new MaskloomError(
      'VALUE_INVALID',
      `${prediction.length} predicted pixels for ${truth.length} true ones.`,
      {
        hint: 'Give both at the size of the original image.',
      },
    );
  }
  const stride = classes + 1;
  const pixels = new PixelCounter(classes * stride);
  const keyOf = (p: number): number => {
    const real = trueClass(truth[p]!, p, rules);
    const found = prediction[p]!;
    return real < 0 ? -1 : real * stride + (found >= 0 && found < classes ? found : classes);
  };
  // Neighbours are mostly equal: one look-up per run of pixels.
  for (let start = 0, p = 1; start < truth.length; start = p) {
    const key = keyOf(start);
    p = endOfRun(truth, prediction, start);
    if (key >= 0) pixels.add(key, p - start);
  }
  return pixels.counted().flatMap(([at, count]) => [Math.floor(at / stride), at % stride, count]);
}

/** The first pixel after `start` that differs from it in either map. */
function endOfRun(truth: ClassMap, prediction: ClassMap, start: number): number {
  const [t, q] = [truth[start]!, prediction[start]!];
  let p = start + 1;
  while (p < truth.length && truth[p] === t && prediction[p] === q) p++;
  return p;
}

/** Keys up to here are counted in a table: it is 4 MiB. */
const MOST_IN_TABLE = 2 ** 20;

/** How often each key occurs: in a table, or in a map where that would be large. */
class PixelCounter {
  readonly #table: Uint32Array | undefined;
  readonly #map = new Map<number, number>();

  constructor(keys: number) {
    this.#table = keys <= MOST_IN_TABLE ? new Uint32Array(keys) : undefined;
  }

  add(key: number, count: number): void {
    if (this.#table !== undefined) this.#table[key]! += count;
    else this.#map.set(key, (this.#map.get(key) ?? 0) + count);
  }

  /** Keys that occur, rising, with how often. */
  counted(): readonly (readonly [key: number, count: number])[] {
    if (this.#table === undefined) return [...this.#map].sort(([a], [b]) => a - b);
    const found: (readonly [number, number])[] = [];
    this.#table.forEach((count, key) => {
      if (count > 0) found.push([key, count]);
    });
    return found;
  }
}

/** The class of a true value; -1 where it does not count. */
function trueClass(
  value: number,
  pixel: number,
  { classes, ignoreIndex, reduceZeroLabel }: TruthRules,
): number {
  if (value === ignoreIndex || (reduceZeroLabel && (value === 0 || value === 255))) return -1;
  const index = reduceZeroLabel ? value - 1 : value;
  if (index >= 0 && index < classes) return index;
  throw new MaskloomError('VALUE_INVALID', `The truth has the value ${value} at pixel ${pixel}.`, {
    hint: `Values are ${reduceZeroLabel ? `1..${classes}` : `0..${classes - 1}`}; ${ignoreIndex ?? 'nothing'} is ignored.`,
  });
}

/** A confusion matrix of several images. */
export interface ConfusionMatrix {
  /** Number of classes C. */
  readonly classes: number;
  /** Row-major [C, C + 1]: pixels of true class (row) predicted as class (column); the last column is "no class". */
  readonly pixels: Float64Array;
}

/** The confusion matrix over all images of an accumulator of {@link semanticMeasure}. */
export function confusionOf(sums: Accumulator<ConfusionPart>): ConfusionMatrix {
  const classes = Number(sums.switches['classes']);
  const pixels = new Float64Array(classes * (classes + 1));
  for (const [, part] of sums.entries()) {
    for (let i = 0; i + 2 < part.length; i += 3) {
      const at = (part[i] as number) * (classes + 1) + (part[i + 1] as number);
      pixels[at] = (pixels[at] as number) + (part[i + 2] as number);
    }
  }
  return { classes, pixels };
}
