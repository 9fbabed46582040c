import type { Figure } from '@maskloom/metrics';
import { formatTable } from '../terminal/table.js';
import type { HeldOutFigures } from './evaluate-bundle.js';

/** Columns whose swapped-phrase control stands beside them. */
const CONTROLLED = /^[cg]IoU (?!control$|paired$)/;

/** Every recipe's figures with 95 % intervals and n; beside each referring score its swapped-phrase control. */
export function figuresTable({ bundle, data, images, recipes }: HeldOutFigures): string {
  const parts = Object.entries(recipes).map(([id, { figures, questions, msPerQuestion }]) => {
    const rows = Object.entries(figures)
      .filter(([column]) => !column.endsWith(' control'))
      .map(([column, figure]) => [
        `  ${column}`,
        percent(figure.value),
        interval(figure),
        String(figure.n),
        controlOf(column, figures),
      ]);
    const head = [`  column`, '%', '95 % interval', 'n', 'swapped phrase'];
    return `${id}: ${questions} questions, ${msPerQuestion.toFixed(1)} ms each\n${formatTable([head, ...rows], [1, 3])}`;
  });
  const note =
    'Intervals: bootstrap over images. Swapped phrase: each phrase answered by one with another target in the same\n' +
    'image; its own row without swapping is "paired", on the same queries.\n';
  return `${bundle.name} ${bundle.version} on ${data}, ${images} images\n\n${parts.join('\n')}\n${note}`;
}

/** Time left at the rate so far, as `2 min 5 s`. */
export function timeLeft(elapsedMs: number, done: number, total: number): string {
  const seconds = Math.ceil(((elapsedMs / done) * (total - done)) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function controlOf(column: string, figures: Readonly<Record<string, Figure>>): string {
  const control =
    CONTROLLED.test(column) || column.endsWith(' paired')
      ? figures[`${column.slice(0, 4)} control`]
      : undefined;
  return control === undefined ? '' : `${percent(control.value)} ${interval(control)}`;
}

function interval({ interval: [low, high] }: Figure): string {
  return `[${percent(low)}, ${percent(high)}]`;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
