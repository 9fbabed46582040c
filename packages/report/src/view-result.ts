import type { ImageFrame, Prediction } from '@maskloom/core';
import { overlapFor } from './agreement.js';
import { changesFrame, changesOf, type TurnChanges } from './changes.js';
import type { ClassColours } from './class-colours.js';
import type { CellData } from './client/data.js';
import type { ReportTruth } from './model.js';
import { embedPicture } from './picture.js';
import { cellData } from './row-data.js';
import { foundIn, renderBelow } from './template/cell.js';

/** Longest side of the picture of what a turn changed, in pixels. */
const CHANGES_LIMIT = 512;

/** One result as pages show it: what the viewer (`@maskloom/report/viewer`) paints, and what stands below the picture. */
export interface ResultView {
  /** Masks, points and maps for the viewer. */
  readonly cell: CellData;
  /** Markup of the list of segments, answer, evidence, times and warnings; text from outside is escaped in it. */
  readonly below: string;
  /** What was found, in words for those who do not see the picture. */
  readonly found: string;
  /** What a turn of a conversation added and removed. */
  readonly changes?: TurnChanges;
}

/** What a result is shown with. */
export interface ViewOptions {
  /** Gives every class its colour. */
  readonly classes: ClassColours;
  /** The prediction that this one was refined from: what was added and removed since is shown. */
  readonly before?: Prediction | undefined;
  /** What is really there: agreement is shown. */
  readonly truth?: ReportTruth | undefined;
}

/**
 * Prepares a result for a page that shows it as a report does.
 * @param image - the picture that it is about
 */
export async function viewResult(
  image: ImageFrame,
  prediction: Prediction,
  { classes, before, truth }: ViewOptions,
): Promise<ResultView> {
  const { segments, stages } = prediction;
  const colours = segments.map(({ label }) => classes.placeOf(label));
  const changes = changesOf(image, before, prediction);
  const agreed =
    truth === undefined || truth.segments.length === 0
      ? undefined
      : overlapFor(prediction.request.task, segments, truth.segments, [image.height, image.width]);
  const changed =
    changes === undefined ? undefined : await embedPicture(changesFrame(image, changes), CHANGES_LIMIT);
  const longest = stages.reduce((sum, { ms }) => sum + ms, 0);
  return {
    cell: cellData(segments, colours, prediction.evidence),
    below: renderBelow(prediction, changes, { colours, longest, truth, agreed, changed }).text,
    found: foundIn(prediction),
    ...(changes === undefined ? {} : { changes }),
  };
}
