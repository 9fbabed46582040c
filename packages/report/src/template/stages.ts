import type { StageTrace } from '@maskloom/core';
import { markup, type Html } from '../html.js';
import { slotClass } from './slot-key.js';

/** Milliseconds as a short text. */
export function formatMs(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 9_950) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/**
 * Time per stage as a bar and, on request, a list.
 * @param stages - in the order they ran
 * @param longest - the row's longest total in milliseconds: the bar's full width
 */
export function renderStages(stages: readonly StageTrace[], longest: number): Html {
  if (stages.length === 0) return markup``;
  const total = stages.reduce((sum, stage) => sum + stage.ms, 0);
  const devices = [...new Set(stages.map((stage) => stage.device))].filter((device) => device !== 'js');
  let x = 0;
  const parts = stages.map((stage) => {
    const width = longest > 0 ? (100 * stage.ms) / longest : 0;
    const part = markup`<rect
      class="${slotClass(stage.slot)}"
      x="${x.toFixed(2)}"
      y="0"
      width="${width.toFixed(2)}"
      height="6"
      ><title>${stage.slot}: ${formatMs(stage.ms)} (${stage.stage}, ${stage.device})</title></rect
    >`;
    x += width;
    return part;
  });
  const lines = stages.map(
    (stage) =>
      markup`<tr>
        <td><i class="key ${slotClass(stage.slot)}"></i>${stage.slot}</td>
        <td>${stage.stage}</td>
        <td class="number">${formatMs(stage.ms)}</td>
        <td>${stage.device}</td>
      </tr>`,
  );
  return markup`<details class="stages">
    <summary>
      <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">${parts}</svg
      ><span>${formatMs(total)}${devices.length > 0 && markup` on ${devices.join(', ')}`}</span>
    </summary>
    <table>
      <thead>
        <tr>
          <th scope="col">slot</th>
          <th scope="col">stage</th>
          <th scope="col">time</th>
          <th scope="col">device</th>
        </tr>
      </thead>
      <tbody>
        ${lines}
      </tbody>
    </table>
  </details>`;
}
