import { maskIou, type ImageFrame, type Prediction } from '@maskloom/core';
import { changesOf, type TurnChanges } from './changes.js';
import type { ReportHead, ReportRow } from './model.js';

/** One step of a refinement: the first is what a system said, each other one what an instruction made of it. */
export interface RefinementStep {
  /** Everything known after the step. */
  readonly prediction: Prediction;
}

/** What a report of steps is about. */
export interface RefinementPage {
  /** The page's title. */
  readonly title: string;
  /** The image. */
  readonly image: ImageFrame;
  /** The name shown: usually the file's name. */
  readonly name: string;
  /** Oldest first; at least one. */
  readonly steps: readonly RefinementStep[];
  /** Facts shown under the title besides those of the steps. */
  readonly facts: readonly (readonly [string, string])[];
}

/** A report of one row. */
export interface RefinementReport {
  /** What `openReport` takes: one column per step. */
  readonly head: ReportHead;
  /** What its `addRow` takes: the image with every step's prediction. */
  readonly row: ReportRow;
}

/**
 * A report whose columns are the steps of one refinement, each beside the one before; the table of
 * totals says what every turn was taken to mean and what it changed, and a picture below each step which pixels it
 * added and removed. A step chosen with the ground truth says so in its column's head.
 * @returns what `openReport` and its `addRow` take
 */
export function refinementReport({ title, image, name, steps, facts }: RefinementPage): RefinementReport {
  const changes = steps.map(({ prediction }, i) => changesOf(image, steps[i - 1]?.prediction, prediction));
  const columns = steps.map(({ prediction }, i) => ({
    id: columnOf(prediction, i),
    summary:
      i === 0 ? `What ${prediction.system}/${prediction.recipe} said.` : describe(steps, i, changes[i]),
  }));
  const [first] = steps;
  const request = first?.prediction.request ?? { task: 'free' };
  return {
    head: { title, columns, facts, truth: false },
    row: {
      image,
      name,
      request,
      cells: steps.map(({ prediction }, i) => ({
        column: columnOf(prediction, i),
        prediction,
        ...(changes[i] === undefined ? {} : { changes: changes[i] }),
      })),
    },
  };
}

function columnOf({ system, recipe, refinement }: Prediction, index: number): string {
  if (index === 0 || refinement === undefined) return `${index}: ${system}/${recipe}`;
  return `${index}: ${refinement.by}${refinement.oracle === true ? ' (ORACLE)' : ''}`;
}

/** What was said, what it was taken to mean, and what changed. */
function describe(steps: readonly RefinementStep[], index: number, changes: TurnChanges | undefined): string {
  const [before, after] = [steps[index - 1]?.prediction, steps[index]?.prediction];
  const { refinement } = after ?? {};
  if (before === undefined || after === undefined || refinement === undefined) return 'asked anew';
  const { situation, say } = refinement;
  const oracle = refinement.oracle === true ? ' · chosen with the ground truth (oracle)' : '';
  return `“${say}” · ${situation} · ${change(before, after, changes)}${oracle}`;
}

function change(before: Prediction, after: Prediction, changes: TurnChanges | undefined): string {
  const { situation, segment, from = [] } = after.refinement ?? { situation: 'keep' };
  const named = (indices: readonly number[]): string =>
    indices.map((i) => `${i}: ${before.segments[i]?.label ?? ''}`).join(', ');
  if (situation === 'keep') return 'nothing changed';
  if (situation === 'delete') return `removed ${named(from)}, ${changes?.removedPixels ?? 0} pixels`;
  const made = segment === undefined ? undefined : after.segments[segment];
  if (made === undefined) return 'nothing found';
  if (situation === 'merge') return `${named(from)} → ${segment}: ${made.label}, ${made.area} pixels`;
  const old = situation === 'missed' || segment === undefined ? undefined : before.segments[segment];
  if (old === undefined) return `new: ${made.label}, ${made.area} pixels`;
  const names = old.label === made.label ? old.label : `${old.label} → ${made.label}`;
  const iou = maskIou(old.mask, made.mask).toFixed(3);
  const pixels = `${changes?.addedPixels ?? 0} pixels added, ${changes?.removedPixels ?? 0} removed`;
  return `segment ${segment}: ${names}, ${old.area} → ${made.area} pixels (${pixels}), IoU with the one before ${iou}`;
}
