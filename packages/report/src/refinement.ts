import { maskIou, type ImageFrame, type Prediction, type Segment } from '@maskloom/core';
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
 * totals says what every turn was taken to mean and what it changed. A step chosen with the ground truth says so in its column's head.
 * @returns what `openReport` and its `addRow` take
 */
export function refinementReport({ title, image, name, steps, facts }: RefinementPage): RefinementReport {
  const columns = steps.map(({ prediction }, i) => ({
    id: columnOf(prediction, i),
    summary: i === 0 ? `What ${prediction.system}/${prediction.recipe} said.` : describe(steps, i),
  }));
  const [first] = steps;
  const request = first?.prediction.request ?? { task: 'free' };
  return {
    head: { title, columns, facts, truth: false },
    row: {
      image,
      name,
      request,
      cells: steps.map(({ prediction }, i) => ({ column: columnOf(prediction, i), prediction })),
    },
  };
}

function columnOf({ system, recipe, refinement }: Prediction, index: number): string {
  if (index === 0 || refinement === undefined) return `${index}: ${system}/${recipe}`;
  return `${index}: ${refinement.by}${refinement.oracle === true ? ' (ORACLE)' : ''}`;
}

/** What was said, what it was taken to mean, and what changed. */
function describe(steps: readonly RefinementStep[], index: number): string {
  const [before, after] = [steps[index - 1]?.prediction, steps[index]?.prediction];
  const { refinement } = after ?? {};
  if (after === undefined || refinement === undefined) return 'asked anew';
  const { situation, say, segment } = refinement;
  const [old, made] = [
    situation === 'missed' ? undefined : before?.segments[segment],
    after.segments[segment],
  ];
  const oracle = refinement.oracle === true ? ' · chosen with the ground truth (oracle)' : '';
  return `“${say}” · ${situation} · ${change(old, made, segment)}${oracle}`;
}

function change(old: Segment | undefined, made: Segment | undefined, index: number): string {
  if (made === undefined) return 'nothing found';
  if (old === undefined) return `new: ${made.label}, ${made.area} pixels`;
  const names = old.label === made.label ? old.label : `${old.label} → ${made.label}`;
  const iou = maskIou(old.mask, made.mask).toFixed(3);
  return `segment ${index}: ${names}, ${old.area} → ${made.area} pixels, IoU with the one before ${iou}`;
}
