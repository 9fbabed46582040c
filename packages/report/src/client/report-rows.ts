import type { RowData } from './data.js';
import { createRowView } from './row-view.js';
import type { SettingsStore } from './settings.js';

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
  const views = [...element.querySelectorAll<HTMLElement>('.view')];
  // Known before the picture is decoded, so that nothing jumps. Tall images get bars at the sides.
  const shape = String(
    Math.max(0.7, Number(image.getAttribute('width')) / Number(image.getAttribute('height'))),
  );
  for (const view of views) view.style.aspectRatio = shape;
  return () => openRow(image, views, JSON.parse(text) as RowData, store);
}

function openRow(
  image: HTMLImageElement,
  views: readonly HTMLElement[],
  data: RowData,
  store: SettingsStore,
): void {
  const picture = { source: image, width: image.naturalWidth, height: image.naturalHeight };
  const row = createRowView(picture, data.size, store);
  for (const [index, view] of views.entries()) row.add(view, data.cells[index]);
  for (const cell of row.cells) cell.paint(row.scene(), store.values, true);
}
