import { startRows } from './report-rows.js';
import { createSettings } from './settings.js';
import { bindToolbar } from './toolbar.js';

/** Brings the page to life; its script stands behind its rows. */
export function start(): void {
  document.documentElement.classList.add('live');
  const store = createSettings();
  bindToolbar(store);
  startRows([...document.querySelectorAll<HTMLElement>('tr.row')], store);
}
