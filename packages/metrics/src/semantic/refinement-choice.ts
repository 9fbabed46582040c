import type { ConfusionMatrix } from './confusion.js';

/** What is wrong with a class: its outline, its name, or that it was not found. */
export type RefinementSituation = 'mask' | 'category' | 'missed';

/** A class worth refining. */
export interface WorstClass {
  /** Index of the class. */
  readonly classIndex: number;
  /** Union minus intersection in pixels (ROSE, eq. 7). */
  readonly umi: number;
  /** Share of its true pixels that were found; 0 where it is not in the truth. */
  readonly recall: number;
  /** What is wrong with it. */
  readonly situation: RefinementSituation;
}

/**
 * The classes that ROSE refines (section 6.1 and algorithm 1): those of highest union minus intersection, each with its
 * situation. With a recall under 0.2 it is a wrong name when one other class has more than half of its true pixels, and
 * missed otherwise. An oracle: it looks at the truth.
 * @param matrix - of one image
 * @param most - how many, 5 when absent
 * @returns by falling UmI, equals by index; classes without a wrong pixel are left out
 */
export function worstClasses(matrix: ConfusionMatrix, most = 5): WorstClass[] {
  const { classes, pixels } = matrix;
  const columns = classes + 1;
  const at = (truth: number, prediction: number): number => pixels[truth * columns + prediction] as number;
  const all = Array.from({ length: classes }, (_, c): WorstClass => {
    let truth = 0;
    let prediction = 0;
    let other = 0;
    for (let k = 0; k < columns; k++) truth += at(c, k);
    for (let k = 0; k < classes; k++) {
      prediction += at(k, c);
      if (k !== c) other = Math.max(other, at(c, k));
    }
    const both = at(c, c);
    const recall = truth === 0 ? 0 : both / truth;
    // A class that is not in the truth cannot be found better: what was painted must go.
    const situation = truth === 0 || recall >= 0.2 ? 'mask' : other / truth > 0.5 ? 'category' : 'missed';
    return { classIndex: c, umi: truth + prediction - 2 * both, recall, situation };
  });
  return all
    .filter(({ umi }) => umi > 0)
    .sort((a, b) => b.umi - a.umi || a.classIndex - b.classIndex)
    .slice(0, most);
}
