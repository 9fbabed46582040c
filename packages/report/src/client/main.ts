import { startRows } from './report-rows.js';
import { createSettings } from './settings.js';
import { bindToolbar } from './toolbar.js';

const EAGER_MS = 400;

/** Brings the page to life once its pictures are there. */
export function start(): void {
  document.documentElement.classList.add('live');
  const store = createSettings();
  bindToolbar(store);
  const go = (): void => startRows([...document.querySelectorAll<HTMLElement>('tr.row')], store, EAGER_MS);
  if (document.readyState === 'complete') go();
  else window.addEventListener('load', go, { once: true });
}
