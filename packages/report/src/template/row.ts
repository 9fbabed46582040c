import { meanAgreement, overlapFor, type Overlap } from '../agreement.js';
import { markup, jsonScript, onDemand, type Html } from '../html.js';
import type { ReportCell, ReportHead, ReportRow } from '../model.js';
import type { Picture } from '../picture.js';
import type { ClassColours } from '../class-colours.js';
import { cellData } from '../row-data.js';
import { cellMs } from '../totals.js';
import { renderCell, renderLegend, renderView } from './cell.js';

/** A row's markup, and how each of its cells agrees with the truth. */
export interface RenderedRow {
  readonly html: Html;
  readonly agreed: ReadonlyMap<ReportCell, Overlap>;
}

/**
 * One image by all columns.
 * @param classes - gives every class its colour
 * @param changed - for turns of a refinement: a picture of what they added and removed
 */
export function renderRow(
  row: ReportRow,
  head: ReportHead,
  picture: Picture,
  classes: ClassColours,
  changed: ReadonlyMap<ReportCell, Picture> = new Map(),
): RenderedRow {
  const size = [row.image.height, row.image.width] as const;
  const cells = head.columns.map(
    (column) => row.cells.find((cell) => cell.column === column.id) ?? { column: column.id },
  );
  const truth = row.truth?.segments ?? [];
  const agreed = new Map<ReportCell, Overlap>();
  if (truth.length > 0) {
    for (const cell of cells)
      if (cell.prediction)
        agreed.set(cell, overlapFor(row.request.task, cell.prediction.segments, truth, size));
  }
  const painted = cells.filter((cell) => cell.prediction !== undefined);
  const sets = [
    ...(head.truth && row.truth ? [truth] : []),
    ...painted.map((cell) => cell.prediction?.segments ?? []),
  ];
  const before = sets.length - painted.length;
  const colours = sets.map((segments) => segments.map(({ label }) => classes.placeOf(label)));
  const data = {
    size,
    cells: [
      { segments: [] },
      ...sets.map((segments, index) =>
        cellData(segments, colours[index] ?? [], painted[index - before]?.prediction?.evidence),
      ),
    ],
  };
  const coloursOf = new Map(painted.map((cell, index) => [cell, colours[index + before] ?? []]));
  const longest = Math.max(0, ...cells.map(cellMs));
  const first = head.truth ? 2 : 1;
  const results = cells.map((cell, index) =>
    renderCell(cell, {
      column: index + first,
      colours: coloursOf.get(cell) ?? [],
      longest,
      truth: row.truth,
      agreed: agreed.get(cell),
      changed: changed.get(cell),
    }),
  );
  const agreement = meanAgreement(
    painted.map((cell) => cell.prediction?.segments ?? []),
    row.image,
  );
  const html = markup`<tr class="row" data-found="${JSON.stringify(bestOfLabels(painted))}" ${agreement !== undefined && markup`data-agreement="${agreement.toFixed(4)}"`}>
    ${renderSource(row, picture)}${head.truth && renderTruth(row, colours[0] ?? [])}${results}
    <script type="application/json" class="row-data">
      ${jsonScript(data)}
    </script>
  </tr>
`;
  return { html, agreed };
}

/** An image that could not be read: its name and the reason, over all columns. */
export function renderFailedRow(
  name: string,
  error: { readonly code: string; readonly message: string },
  head: ReportHead,
): Html {
  const span = head.columns.length + (head.truth ? 1 : 0);
  return markup`<tr class="unread">
    <th scope="row" class="source"><p class="about"><span class="name">${name}</span></p></th>
    <td class="cell failed" colspan="${span}"><p class="error" role="note"><code>${error.code}</code> ${error.message}</p></td>
  </tr>
`;
}

function renderSource(row: ReportRow, picture: Picture): Html {
  const { request } = row;
  const { task, text = '', labels = [] } = request;
  const everything = task === 'free' || ((task === 'semantic' || task === 'instance') && labels.length === 0);
  const asked = text === '' && everything ? 'everything, without a list of classes' : text;
  return markup`<th scope="row" class="source">
    <div class="frame">
      ${onDemand(markup`<img
        class="picture"
        src="${picture.uri}"
        width="${picture.width}"
        height="${picture.height}"
        alt="${row.name}"
      />${renderView(0, 'image', `image ${row.name}`)}`)}
    </div>
    ${asked !== '' && markup`<p class="query">${asked}</p>`}${request.labels !== undefined && markup`<p class="labels">${request.labels.join(', ')}</p>`}
    <p class="about">
      <span class="name">${row.name}</span> <span>${row.image.width} × ${row.image.height}</span>
      <span class="tag">${request.task}</span
      >${row.kind !== undefined && markup` <span class="tag">${row.kind}</span>`}
    </p>
  </th>`;
}

function renderTruth(row: ReportRow, colours: readonly number[]): Html {
  if (row.truth === undefined) return markup`<td class="cell truth"></td>`;
  const none = row.truth.segments.length === 0;
  return markup`<td class="cell truth">${onDemand(markup`
    ${renderView(1, 'truth', 'ground truth')}
    <div class="below">
      ${none ? markup`<p class="verdict">⊘ nothing here fits: refuse</p>` : renderLegend(row.truth.segments, colours, false)}
    </div>`)}
  </td>`;
}

/** The labels of a row's results with the best score of each: what the page's filter looks at. */
function bestOfLabels(cells: readonly ReportCell[]): readonly (readonly [string, number])[] {
  const best = new Map<string, number>();
  for (const { prediction } of cells)
    for (const { label, score } of prediction?.segments ?? [])
      best.set(label, Math.max(best.get(label) ?? 0, Number(score.toFixed(4))));
  return [...best];
}
