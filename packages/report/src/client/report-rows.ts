import { inPieces } from './in-pieces.js';
import { createPageRow, type PageRow } from './page-row.js';
import type { SettingsStore } from './settings.js';

/** Rows that are opened though nobody looks yet, so that pages of ordinary length are searched and printed whole. */
const AHEAD = 50;

/** How long those on the screen have the page for themselves. */
const AHEAD_MS = 500;

/** How far from the screen a row is opened. */
const NEAR = '600px';

/** Opens rows when they come near the screen (or the printer), the first ones in any case, a few at a time. */
export function startRows(elements: readonly HTMLElement[], store: SettingsStore): void {
  const rows = new Map<Element, PageRow>(elements.map((element) => [element, createPageRow(element, store)]));
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) rows.get(target)?.come(isIntersecting);
    },
    { rootMargin: NEAR },
  );
  for (const element of elements) watcher.observe(element);
  window.addEventListener('beforeprint', () => {
    for (const row of rows.values()) row.print();
  });
  const ahead = [...rows.values()].slice(0, AHEAD).map((row) => () => void row.open());
  setTimeout(() => inPieces(17).add(ahead), AHEAD_MS);
}
