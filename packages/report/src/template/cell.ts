import { outcomeOf, type Prediction, type PredictionOutcome, type Segment, type Task } from '@maskloom/core';
import { SEGMENT_COLOURS } from '../client/palette.js';
import type { Overlap } from '../agreement.js';
import type { TurnChanges } from '../changes.js';
import { markup, onDemand, type Html } from '../html.js';
import type { ReportCell, ReportTruth } from '../model.js';
import type { Picture } from '../picture.js';
import { renderChanges } from './changes.js';
import { renderPatches } from './patches.js';
import { renderSegMaps } from './seg-maps.js';
import { renderSemantic } from './semantic.js';
import { renderStages } from './stages.js';

/** A picture to paint on; `column` counts from 0 over the table's picture columns. */
export function renderView(column: number, kind: 'image' | 'truth' | 'result', label: string): Html {
  return markup`<div
    class="view"
    tabindex="0"
    role="img"
    data-column="${column}"
    data-kind="${kind}"
    aria-label="${label}"
  >
    <canvas></canvas>
  </div>`;
}

/** Segments that are listed without a word about how many there are. */
const LISTED = 8;

/** One button per segment: colour, label, score. */
export function renderLegend(
  segments: readonly Segment[],
  colours: readonly number[],
  scores: boolean,
): Html {
  const items = segments.map(
    (segment, index) =>
      markup`<li>
        <button
          type="button"
          aria-pressed="true"
          data-segment="${index}"
          data-label="${segment.label}"
          data-score="${segment.score.toFixed(4)}"
          title="${segment.label}: ${segment.area} px; press to show or hide"
        >
          <i class="swatch colour-${(colours[index] ?? 0) % SEGMENT_COLOURS.length}"></i
          ><span class="label">${segment.label}</span
          >${scores && markup`<span class="score">${segment.score.toFixed(2)}</span>`}
        </button>
      </li>`,
  );
  if (items.length === 0) return markup``;
  // Long lists scroll: say how much there is.
  return markup`${items.length > LISTED && markup`<p class="count">${items.length} segments</p>`}<ul class="segments">
        ${items}
      </ul>`;
}

/** What a cell of results holds besides its column. */
export interface CellContext {
  /** Index over the table's picture columns. */
  readonly column: number;
  /** Palette index of each segment. */
  readonly colours: readonly number[];
  /** The row's longest total time, milliseconds. */
  readonly longest: number;
  /** The row's truth, when known. */
  readonly truth: ReportTruth | undefined;
  /** Agreement with the truth, when there is one to find. */
  readonly agreed: Overlap | undefined;
  /** A picture of what a turn of a refinement added and removed. */
  readonly changed?: Picture | undefined;
}

/** One recipe's answer for one image. */
export function renderCell(cell: ReportCell, context: CellContext): Html {
  const { prediction, error } = cell;
  if (prediction === undefined) {
    if (error === undefined)
      return markup`<td class="cell absent"><p>this recipe cannot do this task</p></td>`;
    return markup`<td class="cell failed"><p class="error" role="note"><code>${error.code}</code> ${error.message}</p></td>`;
  }
  return markup`<td class="cell">${onDemand(markup`
    ${renderView(context.column, 'result', `${cell.column}: ${foundIn(prediction)}`)}
    <div class="below">
      ${renderBelow(prediction, cell.changes, context)}
    </div>`)}
  </td>`;
}

/** What was found, in words for those who do not see the picture. */
export function foundIn({ segments }: Prediction): string {
  return segments.length === 0 ? 'no mask' : segments.map((segment) => segment.label).join(', ');
}

/** What stands below a picture: verdict, changes, segments, answer, what led there, times and warnings. */
export function renderBelow(
  prediction: Prediction,
  changes: TurnChanges | undefined,
  context: Omit<CellContext, 'column'>,
): Html {
  const { answer, evidence, request, segments, stages, warnings } = prediction;
  return markup`${renderVerdict(outcomeOf(prediction), request.task, context)}${renderChanges(changes, context.changed)}${renderLegend(segments, context.colours, true)}${answer !== '' && markup`<p class="answer"><span class="said">answer</span> ${answer}</p>`}${renderSegMaps(segments)}${renderPatches(evidence, segments)}${renderSemantic(evidence?.semantic, segments, context.colours)}${renderStages(stages, context.longest)}${renderWarnings(warnings)}`;
}

/** Tasks that ask for something certain: a mask of it without a pixel is empty. */
const POINTED: ReadonlySet<Task> = new Set(['referring', 'reasoning', 'prompted']);

function renderVerdict(
  outcome: PredictionOutcome,
  task: Task,
  context: Pick<CellContext, 'truth' | 'agreed'>,
): Html {
  if (context.truth !== undefined && context.truth.segments.length === 0) {
    return outcome === 'segmented'
      ? markup`<p class="verdict bad">✗ a mask of what is not there</p>`
      : markup`<p class="verdict good">✓ ${outcome}, rightly</p>`;
  }
  const without = outcome !== 'segmented';
  const empty = POINTED.has(task) ? 'empty: no pixel of the mask is set' : 'nothing was found';
  const why = outcome === 'refused' ? 'refused: the answer asks for no mask' : empty;
  const refusal = without && markup`<span class="refused">⊘ ${why}</span>`;
  if (context.agreed === undefined) return without ? markup`<p class="verdict">${refusal}</p>` : markup``;
  const { intersection, union } = context.agreed;
  const iou = union === 0 ? 1 : intersection / union;
  return markup`<p class="verdict">
    ${refusal}
    <span class="iou" title="intersection over union with the ground truth">IoU ${iou.toFixed(2)}</span>
  </p>`;
}

function renderWarnings(warnings: readonly string[]): Html {
  if (warnings.length === 0) return markup``;
  const lines = warnings.map((warning) => markup`<li>${warning}</li>`);
  return markup`<details class="warnings">
    <summary>⚠ ${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}</summary>
    <ul>
      ${lines}
    </ul>
  </details>`;
}
