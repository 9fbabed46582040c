import type { CellView } from './cell-view.js';
import type { RowView } from './row-view.js';

/** Buttons below a picture: press to show or hide a segment, point at one to see its outline. */
export function bindLegend(cell: CellView, row: RowView): void {
  for (const button of legendButtons(cell)) {
    const index = Number(button.dataset['segment']);
    const hover = (at: number): void => {
      cell.hovered = at;
      row.refresh();
    };
    button.addEventListener('click', () => {
      const layer = cell.layers[index];
      if (layer === undefined) return;
      layer.visible = !layer.visible;
      button.setAttribute('aria-pressed', String(layer.visible));
      row.refresh();
    });
    button.addEventListener('pointerenter', () => hover(index));
    button.addEventListener('pointerleave', () => hover(-1));
    button.addEventListener('focus', () => hover(index));
    button.addEventListener('blur', () => hover(-1));
  }
}

/** Marks the button of the segment under the pointer. */
export function markLegend(cell: CellView): void {
  for (const button of legendButtons(cell)) {
    button.classList.toggle('hovered', Number(button.dataset['segment']) === cell.hovered);
  }
}

function legendButtons(cell: CellView): HTMLElement[] {
  return [...(cell.element.parentElement?.querySelectorAll<HTMLElement>('button[data-segment]') ?? [])];
}
