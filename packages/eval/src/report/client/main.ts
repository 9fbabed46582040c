import { startRow } from './row-view.js';
import { createSettings } from './settings.js';
import { bindToolbar } from './toolbar.js';

/** Brings the page to life. */
export function start(): void {
  document.documentElement.classList.add('live');
  const store = createSettings();
  bindToolbar(store);
  for (const row of document.querySelectorAll<HTMLElement>('tr.row')) startRow(row, store);
}
