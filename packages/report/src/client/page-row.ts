import type { RowData } from './data.js';
import { filterLists } from './filter.js';
import { createRowView, type RowView } from './row-view.js';
import type { SettingsStore } from './settings.js';

/** A row of the page, whose pictures, lists and masks wait as text until they are needed. */
export interface PageRow {
  /** Puts everything in place and paints it; once. */
  open(): Promise<void>;
  /** Told when the row comes near the screen or leaves it: away from it, it is not painted, and forgets what was. */
  come(near: boolean): void;
  /** Opens the row, or paints what changed while it was away. */
  print(): void;
}

/** A row that is not open yet. */
export function createPageRow(element: HTMLElement, store: SettingsStore): PageRow {
  let [opening, near, stale]: [Promise<void> | undefined, boolean, boolean] = [undefined, false, false];
  let row: RowView | undefined;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    stale = false;
    for (const listener of listeners) listener();
  };
  store.listen(() => {
    if (near) tell();
    else stale = true;
  });
  const own: SettingsStore = {
    ...store,
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const paint = (): void => {
    for (const cell of row?.cells ?? []) cell.paint((row as RowView).scene(), store.values, true);
  };
  const page: PageRow = {
    open: () => (opening ??= openRow(element, own).then((opened) => ((row = opened), paint()))),
    come(now) {
      const left = near && !now;
      near = now;
      if (near && opening === undefined) void page.open();
      else if (near && stale) tell();
      if (!left || row === undefined) return;
      // What is painted takes a megabyte a row, and a page may have thousands.
      for (const canvas of element.querySelectorAll('canvas')) canvas.width = canvas.height = 0;
      stale = true;
    },
    print() {
      if (opening === undefined) void page.open();
      else if (stale) paint();
    },
  };
  return page;
}

async function openRow(element: HTMLElement, store: SettingsStore): Promise<RowView | undefined> {
  putInPlace(element);
  filterLists(element, store.values);
  const image = element.querySelector<HTMLImageElement>('img.picture');
  const text = element.querySelector('script.row-data')?.textContent;
  if (image === null || text === null || text === undefined) return undefined;
  const views = [...element.querySelectorAll<HTMLElement>('.view')];
  // Known before the picture is decoded, so that nothing jumps. Tall images get bars at the sides.
  const shape = Number(image.getAttribute('width')) / Number(image.getAttribute('height'));
  for (const view of views) view.style.aspectRatio = String(Math.max(0.7, shape));
  try {
    await image.decode();
  } catch {
    // Without the picture there is nothing to paint on; the lists are there.
    return undefined;
  }
  const data = JSON.parse(text) as RowData;
  const row = createRowView(
    { source: image, width: image.naturalWidth, height: image.naturalHeight },
    data.size,
    store,
  );
  for (const [index, view] of views.entries()) row.add(view, data.cells[index]);
  return row;
}

/** Makes elements of what waits: a browser that runs scripts reads the content of `noscript` as text. */
function putInPlace(element: HTMLElement): void {
  for (const waiting of element.querySelectorAll('noscript')) {
    const template = document.createElement('template');
    template.innerHTML = waiting.textContent ?? '';
    waiting.replaceWith(template.content);
  }
  element.classList.add('open');
}
