import type { Asked, SystemChoice } from './model.js';

/** A system's gIoU. */
export interface SystemFigure {
  readonly name: string;
  /** Mean of the answers' IoU (LISA, section 4.1). */
  readonly mean: number;
  /** Answers that count. */
  readonly count: number;
}

/** gIoU of each system over all questions whose truth is known, the first answer of each conversation. */
export function figuresOf(history: readonly Asked[]): readonly SystemFigure[] {
  const found = new Map<string, number[]>();
  for (const { columns } of history)
    for (const { choice, scores } of columns) {
      const iou = scores[0]?.iou;
      if (iou === undefined) continue;
      const name = nameOf(choice);
      found.set(name, [...(found.get(name) ?? []), iou]);
    }
  return [...found].map(([name, ious]) => ({
    name,
    mean: ious.reduce((sum, iou) => sum + iou, 0) / ious.length,
    count: ious.length,
  }));
}

/** A recipe with what is swapped in it. */
function nameOf({ recipe, stages, weights }: SystemChoice): string {
  const swapped = Object.values(stages).map(({ stage, options = {} }) => {
    const given = Object.keys(options).length === 0 ? '' : ` ${JSON.stringify(options)}`;
    return `${stage}${given}`;
  });
  return [recipe, ...swapped, ...(weights === undefined ? [] : [`weights ${weights}`])].join(', ');
}
