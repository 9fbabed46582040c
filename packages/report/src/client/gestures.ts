import type { CellView } from './cell-view.js';
import { markLegend } from './legend.js';
import type { RowView } from './row-view.js';
import { FIT, pan, place, zoomAt } from './viewport.js';

/**
 * Zoom and pan of a row from one of its cells. The wheel zooms with Ctrl, or without it once the
 * picture has the focus (a click gives it), so that it still scrolls the page elsewhere.
 */
export function bindGestures(cell: CellView, row: RowView, image: readonly [number, number]): void {
  const element = cell.element;
  const zoom = (factor: number, at?: readonly [number, number]): void => {
    const [width, height] = cell.size();
    row.view = zoomAt(row.view, factor, at ?? [width / 2, height / 2], image, [width, height]);
    row.refresh();
  };
  const move = (dx: number, dy: number): void => {
    row.view = pan(row.view, dx, dy, image, cell.size());
    row.refresh();
  };

  /** Where the pointer is, in pixels of the original image. */
  const placeOf = (event: PointerEvent): readonly [number, number] => {
    const at = place(row.view, image, cell.size());
    const scale = at.scale * row.scene().shrink;
    return [(event.offsetX - at.left) / scale, (event.offsetY - at.top) / scale];
  };

  element.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== element) return;
      event.preventDefault();
      zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.002)), [event.offsetX, event.offsetY]);
    },
    { passive: false },
  );

  element.addEventListener('dblclick', () => {
    if (row.tool !== undefined) return;
    row.view = FIT;
    row.refresh();
  });

  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 && row.tool === undefined) return;
    element.focus({ preventScroll: true });
    row.tool?.down(...placeOf(event), event);
    if (row.view.zoom > 1 || row.tool !== undefined) element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', (event) => {
    const held = element.hasPointerCapture(event.pointerId);
    if (held && row.tool !== undefined) row.tool.move(...placeOf(event));
    else if (held) move(event.movementX, event.movementY);
    else pointAt(cell, row, event.offsetX, event.offsetY, image);
  });
  element.addEventListener('pointerup', (event) => {
    if (element.hasPointerCapture(event.pointerId)) row.tool?.up(...placeOf(event));
  });
  element.addEventListener('contextmenu', (event) => {
    if (row.tool !== undefined) event.preventDefault();
  });
  element.addEventListener('pointerleave', () => {
    cell.hovered = -1;
    row.cursor = undefined;
    row.cursorColumn = -1;
    markLegend(cell);
    row.refresh();
  });

  const keys: Readonly<Record<string, () => void>> = {
    '+': () => zoom(1.5),
    '=': () => zoom(1.5),
    '-': () => zoom(1 / 1.5),
    '0': () => zoom(0),
    ArrowLeft: () => move(40, 0),
    ArrowRight: () => move(-40, 0),
    ArrowUp: () => move(0, 40),
    ArrowDown: () => move(0, -40),
  };
  element.addEventListener('keydown', (event) => {
    const act = keys[event.key];
    // Arrows scroll the page until there is something to pan.
    if (
      act === undefined ||
      event.ctrlKey ||
      event.metaKey ||
      (event.key.startsWith('Arrow') && row.view.zoom === 1)
    )
      return;
    event.preventDefault();
    act();
  });
}

function pointAt(cell: CellView, row: RowView, x: number, y: number, image: readonly [number, number]): void {
  const at = place(row.view, image, cell.size());
  const u = (x - at.left) / (at.scale * image[0]);
  const v = (y - at.top) / (at.scale * image[1]);
  row.cursor = u >= 0 && u <= 1 && v >= 0 && v <= 1 ? [u, v] : undefined;
  row.cursorColumn = cell.column;
  cell.hovered = cell.segmentAt(x, y, row.scene());
  markLegend(cell);
  row.refresh();
}
