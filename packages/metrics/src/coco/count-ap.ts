import { MaskloomError } from '@maskloom/core';
import type { ApPart, CategoryPart } from './ap-part.js';
import { shapesOf, type ApInput, type ApKind } from './ap-input.js';
import { matchDetections } from './match.js';

/** How one image is counted. */
export interface ApRules {
  readonly kind: ApKind;
  /** Detections per category and image. */
  readonly most: number;
  readonly honourIgnore: boolean;
  readonly classAgnostic: boolean;
}

/**
 * Counts one image.
 * @param indexOf - index of a category id
 * @throws MaskloomError `VALUE_INVALID` on an unknown category, a score that is not finite or a missing shape,
 * `MASK_INVALID` on a malformed mask
 */
export function countAp(input: ApInput, indexOf: ReadonlyMap<number, number>, rules: ApRules): ApPart {
  const groups = new Map<number, { detections: number[]; truths: number[] }>();
  const group = (categoryId: number, where: string): { detections: number[]; truths: number[] } => {
    const index = indexOf.get(categoryId);
    if (index === undefined) {
      throw new MaskloomError('VALUE_INVALID', `Category ${categoryId} is none of the data set's.`, {
        where,
        hint: `The ids are ${[...indexOf.keys()].slice(0, 20).join(', ')}${indexOf.size > 20 ? ', ...' : ''}.`,
      });
    }
    const key = rules.classAgnostic ? 0 : index;
    const found = groups.get(key) ?? { detections: [], truths: [] };
    groups.set(key, found);
    return found;
  };
  const { detections, truths } = input;
  // Without classes the reference lists objects class by class, which decides between equal scores.
  const byClass = (of: readonly { readonly categoryId: number }[]): number[] => {
    const order = [...of.keys()];
    const place = (i: number): number => indexOf.get(of[i]?.categoryId ?? NaN) ?? 0;
    return rules.classAgnostic ? order.sort((a, b) => place(a) - place(b)) : order;
  };
  for (const i of byClass(detections)) {
    const { categoryId, score } = detections[i] as ApInput['detections'][number];
    if (!Number.isFinite(score)) {
      throw new MaskloomError('VALUE_INVALID', `A detection has the score ${score}.`, {
        where: `detection ${i}`,
        hint: 'Scores are finite numbers.',
      });
    }
    group(categoryId, `detection ${i}`).detections.push(i);
  }
  for (const i of byClass(truths)) group(truths[i]?.categoryId ?? NaN, `truth ${i}`).truths.push(i);
  const categories = [...groups]
    .sort(([a], [b]) => a - b)
    .map(([category, found]) => countCategory(category, input, found, rules));
  return { categories };
}

function countCategory(
  category: number,
  input: ApInput,
  found: { readonly detections: readonly number[]; readonly truths: readonly number[] },
  { kind, most, honourIgnore }: ApRules,
): CategoryPart {
  const detections = found.detections
    .map((i) => input.detections[i] as ApInput['detections'][number])
    .sort((a, b) => b.score - a.score)
    .slice(0, most);
  const truths = found.truths.map((i) => input.truths[i] as ApInput['truths'][number]);
  const mine = shapesOf(detections, kind, input, `category ${category}, detection`);
  const theirs = shapesOf(truths, kind, input, `category ${category}, truth`);
  const crowd = truths.map((truth) => truth.crowd === true);
  const { truths: counting, outcomes } = matchDetections({
    ious: mine.iou(theirs, crowd),
    detectionAreas: detections.map((detection, d) => detection.area ?? (mine.areas[d] as number)),
    truthAreas: truths.map((truth, g) => truth.area ?? (theirs.areas[g] as number)),
    crowd,
    ignored: truths.map((truth) => truth.crowd === true || (honourIgnore && truth.ignore === true)),
  });
  // Keys in the order of the schema: a part that comes back from JSON has the same bytes.
  return { category, truths: counting, scores: detections.map(({ score }) => score), outcomes };
}
