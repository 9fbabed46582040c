import { markup, type Html } from '../html.js';
import type { ReportHead } from '../model.js';
import { cumulativeIou, type ColumnTotals } from '../totals.js';
import { inFlow, slotClass } from './slot-key.js';
import { formatMs } from './stages.js';

/** The table of totals above the pictures. */
export function renderSummary(
  head: ReportHead,
  totals: ReadonlyMap<string, ColumnTotals>,
  slots: ReadonlySet<string>,
): Html {
  if (head.totals === false) return markup``;
  const lines = head.columns.map((column) => {
    const sum = totals.get(column.id);
    if (sum === undefined) return markup``;
    const iou = cumulativeIou(sum);
    const truth = markup`<td class="number">${iou === undefined ? '–' : iou.toFixed(3)}</td>
      <td class="number">
        ${sum.falsePremises === 0 ? '–' : `${sum.refusedRightly} of ${sum.falsePremises}`}
      </td>`;
    return markup`<tr>
      <th scope="row">${column.id}</th>
      <td class="number">${sum.images}</td>
      <td class="number">${sum.images === 0 ? '–' : formatMs(sum.ms / sum.images)}</td>
      <td class="number">${sum.refusals}</td>
      <td class="number">${sum.empties}</td>
      <td class="number">${sum.errors}</td>
      ${head.truth && truth}
      <td class="what">${column.summary}</td>
    </tr>`;
  });
  const truthHeads = markup`<th scope="col" title="summed intersection over summed union with the ground truth">
      cIoU
    </th>
    <th scope="col" title="nothing is there, and nothing was shown: refused, or empty">rightly without</th>`;
  return markup`<details class="summary" open>
    <summary>Totals</summary>
    <table>
      <thead>
        <tr>
          <th scope="col">recipe</th>
          <th scope="col">images</th>
          <th
            scope="col"
            title="mean of the summed stage times; an encoder that recipes share is counted where it ran"
          >
            mean time
          </th>
          <th scope="col" title="the answer asks for no mask">refused</th>
          <th scope="col" title="a mask was asked for, or the system cannot refuse, and no pixel is set">empty</th>
          <th scope="col">failed</th>
          ${head.truth && truthHeads}
          <th scope="col"></th>
        </tr>
      </thead>
      <tbody>
        ${lines}
      </tbody>
    </table>
    ${head.truthNote !== undefined && markup`<p class="note">${head.truthNote}</p>`}
    <p class="note">
      Stages in the time bars:
      ${inFlow(slots, head.slots).map((slot) => markup`<span class="slot"><i class="key ${slotClass(slot)}"></i>${slot}</span> `)}
    </p>
    <p class="note">
      An encoder that several recipes share runs once per image; the first recipe that needs it shows its
      time.
    </p>
  </details>`;
}
