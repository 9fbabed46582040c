import { createCellView, type CellView, type RowScene } from './cell-view.js';
import type { RowData } from './data.js';
import { bindGestures } from './gestures.js';
import { buildLayers, type Layer } from './layers.js';
import { bindLegend } from './legend.js';
import type { SettingsStore } from './settings.js';
import { FIT, type Viewport } from './viewport.js';

/** One row of the report: an image through every system. */
export interface RowView {
  readonly cells: readonly CellView[];
  view: Viewport;
  cursor: readonly [number, number] | undefined;
  cursorColumn: number;
  scene(): RowScene;
  /** Asks for a repaint of every cell at the next frame. */
  refresh(): void;
}

/**
 * Starts the rows once the pictures are there: at once while that is quick, the others when they come near the
 * screen (or the printer). Each repaints when a setting or its size changes.
 * @param eagerMs - how long the page may be kept busy at the start
 */
export function startRows(elements: readonly HTMLElement[], store: SettingsStore, eagerMs: number): void {
  const started = performance.now();
  for (const element of elements) {
    const begin = createRow(element, store);
    if (performance.now() - started < eagerMs) begin();
    else whenNear(element, begin);
  }
}

/** Calls `begin` once: when the element comes near the screen, or before the page is printed. */
function whenNear(element: HTMLElement, begin: () => void): void {
  const watcher = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) go();
    },
    { rootMargin: '600px' },
  );
  const go = (): void => {
    watcher.disconnect();
    window.removeEventListener('beforeprint', go);
    begin();
  };
  window.addEventListener('beforeprint', go);
  watcher.observe(element);
}

/** Takes the row's place on the page; the function given back decodes and paints it. */
function createRow(element: HTMLElement, store: SettingsStore): () => void {
  const image = element.querySelector<HTMLImageElement>('img.picture');
  const text = element.querySelector('script.row-data')?.textContent;
  if (image === null || text === null || text === undefined) return () => undefined;
  // Known before the picture is decoded, so that nothing jumps. Tall images get bars at the sides.
  const shape = String(
    Math.max(0.7, Number(image.getAttribute('width')) / Number(image.getAttribute('height'))),
  );
  for (const view of element.querySelectorAll<HTMLElement>('.view')) view.style.aspectRatio = shape;
  return () => openRow(element, image, JSON.parse(text) as RowData, store);
}

function openRow(element: HTMLElement, image: HTMLImageElement, data: RowData, store: SettingsStore): void {
  const picture: [number, number] = [image.naturalWidth, image.naturalHeight];
  const cells = [...element.querySelectorAll<HTMLElement>('.view')].flatMap(
    (view) => createCellView(view) ?? [],
  );
  let truth: readonly Layer[] = [];
  for (const [index, cell] of cells.entries()) {
    const content = data.cells[index];
    if (content !== undefined) cell.layers = buildLayers(content, data, picture);
    if (cell.element.dataset['kind'] === 'truth') truth = cell.layers;
  }
  let queued = false;
  const row: RowView = {
    cells,
    view: FIT,
    cursor: undefined,
    cursorColumn: -1,
    scene: () => ({
      image,
      shrink: picture[0] / data.size[1],
      view: row.view,
      truth,
      cursor: row.cursor,
      cursorColumn: row.cursorColumn,
    }),
    refresh() {
      if (queued) return;
      queued = true;
      requestAnimationFrame(() => {
        queued = false;
        for (const cell of cells) cell.paint(row.scene(), store.values);
      });
    },
  };
  for (const cell of cells) {
    bindGestures(cell, row, picture);
    bindLegend(cell, row);
    cell.paint(row.scene(), store.values);
  }
  store.listen(() => row.refresh());
  const resized = new ResizeObserver(() => row.refresh());
  for (const cell of cells) resized.observe(cell.element);
}
