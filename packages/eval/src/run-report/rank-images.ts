import type { SubjectScores } from './image-scores.js';

/** An image with its headline figures. */
export interface RankedImage {
  readonly image: string;
  /** By subject, in the order of the scores; `null` where undefined. */
  readonly values: readonly (number | null)[];
  /** Mean of the figures. */
  readonly mean: number;
  /** Largest minus smallest. */
  readonly spread: number;
}

/** Every image that some subject has a figure for, the worst first; of equals the first id. */
export function rankImages(scores: readonly SubjectScores[]): readonly RankedImage[] {
  const ids = new Set(scores.flatMap(({ byImage }) => [...byImage.keys()]));
  const ranked = [...ids].map((image): RankedImage => {
    const values = scores.map(({ byImage }) => byImage.get(image) ?? null);
    const known = values.filter((value) => value !== null);
    return {
      image,
      values,
      mean: known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length),
      spread: known.length === 0 ? 0 : Math.max(...known) - Math.min(...known),
    };
  });
  return ranked.sort((a, b) => a.mean - b.mean || compareIds(a.image, b.image));
}

/** The same, those that the subjects differ most on first. */
export function byDifference(ranked: readonly RankedImage[]): readonly RankedImage[] {
  return ranked.toSorted((a, b) => b.spread - a.spread || compareIds(a.image, b.image));
}

function compareIds(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) || difference === 0 ? (a < b ? -1 : a > b ? 1 : 0) : difference;
}
