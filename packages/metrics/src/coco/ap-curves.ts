import type { CategoryPart } from './ap-part.js';
import { AREAS, IOU_THRESHOLDS, OUTCOME_BITS, RECALLS, SPACING } from './settings.js';

/** All detections of one category over all images, by falling score; equal scores in the order of images. */
export class CategoryCurves {
  /** Truths that count, per size class. */
  readonly truths: readonly number[];
  readonly #image: Uint32Array;
  readonly #rank: Uint32Array;
  readonly #outcomes: Uint32Array;
  readonly #truthImages: readonly (readonly [number, readonly number[]])[];
  readonly #recall: Float64Array;
  readonly #precision: Float64Array;

  /** @param parts - [index of the image, its part], images in canonical order */
  constructor(parts: readonly (readonly [number, CategoryPart])[]) {
    const length = parts.reduce((sum, [, { scores }]) => sum + scores.length, 0);
    const score = new Float64Array(length);
    const image = new Uint32Array(length);
    const rank = new Uint32Array(length);
    const outcomes = new Uint32Array(length * AREAS.length);
    let at = 0;
    for (const [index, part] of parts) {
      outcomes.set(part.outcomes, at * AREAS.length);
      part.scores.forEach((value, r) => {
        score[at] = value;
        image[at] = index;
        rank[at] = r;
        at++;
      });
    }
    const order = Uint32Array.from(score.keys()).sort(
      (a, b) => (score[b] as number) - (score[a] as number) || a - b,
    );
    this.#image = order.map((i) => image[i] as number);
    this.#rank = order.map((i) => rank[i] as number);
    this.#outcomes = new Uint32Array(outcomes.length);
    order.forEach((i, place) =>
      this.#outcomes.set(outcomes.subarray(i * AREAS.length, (i + 1) * AREAS.length), place * AREAS.length),
    );
    this.#truthImages = parts.map(([index, part]) => [index, part.truths]);
    this.truths = AREAS.map((_, a) => parts.reduce((sum, [, part]) => sum + (part.truths[a] ?? 0), 0));
    this.#recall = new Float64Array(length);
    this.#precision = new Float64Array(length);
  }

  /** Truths that count in a size class when image i counts `weights[i]` times. */
  truthsIn(area: number, weights?: Float64Array): number {
    if (weights === undefined) return this.truths[area] ?? 0;
    let sum = 0;
    for (const [image, truths] of this.#truthImages)
      sum += (weights[image] as number) * (truths[area] as number);
    return sum;
  }

  /**
   * Precision averaged over the 101 recalls, and the recall reached, at one threshold (`COCOeval.accumulate`).
   * @param most - detections per image that count
   * @param positives - what {@link truthsIn} says, > 0
   */
  at(
    threshold: number,
    area: number,
    most: number,
    positives: number,
    weights?: Float64Array,
  ): { readonly precision: number; readonly recall: number } {
    const recall = this.#recall;
    const precision = this.#precision;
    const hitBit = 1 << threshold;
    const ignoreBit = 1 << (OUTCOME_BITS + threshold);
    let right = 0;
    let wrong = 0;
    let hits = 0;
    for (let d = 0; d < this.#image.length; d++) {
      const bits = this.#outcomes[d * AREAS.length + area] as number;
      if ((bits & ignoreBit) !== 0 || (this.#rank[d] as number) >= most) continue;
      const weight = weights === undefined ? 1 : (weights[this.#image[d] as number] as number);
      if (weight === 0) continue;
      if ((bits & hitBit) === 0) {
        wrong += weight;
        continue;
      }
      right += weight;
      recall[hits] = right / positives;
      precision[hits] = right / (wrong + right + SPACING);
      hits++;
    }
    // Between two hits precision only falls, so hits are the only places where its envelope can be reached.
    for (let i = hits - 1; i > 0; i--) {
      if ((precision[i] as number) > (precision[i - 1] as number)) precision[i - 1] = precision[i] as number;
    }
    let sum = 0;
    for (let r = 0, i = 0; r < RECALLS.length; r++) {
      while (i < hits && (recall[i] as number) < (RECALLS[r] as number)) i++;
      if (i === hits) break;
      sum += precision[i] as number;
    }
    return { precision: sum / RECALLS.length, recall: right / positives };
  }
}

/** Places of the thresholds 0.5 and 0.75. */
export const AT = { 50: [0], 75: [5], all: [...IOU_THRESHOLDS.keys()] } as const;
