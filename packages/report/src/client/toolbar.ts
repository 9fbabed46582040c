import { bindFilter } from './filter.js';
import type { Settings, SettingsStore } from './settings.js';

/** Connects the toolbar and the column heads with the settings. */
export function bindToolbar(store: SettingsStore): void {
  const opacity = document.querySelector<HTMLInputElement>('#opacity');
  opacity?.addEventListener('input', () =>
    store.change((values) => {
      values.opacity = Number(opacity.value) / 100;
    }),
  );
  bindSwitch('outlines', store);
  bindSwitch('dim', store);
  bindSwitch('points', store);
  bindSwitch('maps', store);
  bindSwitch('truth', store);
  for (const box of document.querySelectorAll<HTMLInputElement>('input[data-masks]')) {
    const column = Number(box.dataset['masks']);
    const apply = (): void =>
      store.change((values) => {
        if (box.checked) values.hidden.delete(column);
        else values.hidden.add(column);
      });
    box.addEventListener('change', apply);
    // A reloaded page keeps its boxes as they were.
    if (!box.checked) apply();
  }
  bindOrder();
  bindFilter(store);
  const size = document.querySelector<HTMLSelectElement>('#cell-size');
  const resize = (): void => {
    if (size !== null) document.documentElement.dataset['cells'] = size.value;
  };
  size?.addEventListener('change', resize);
  resize();
}

/** Puts the rows on which the columns differ most first, or back into the order they came in. */
function bindOrder(): void {
  const order = document.querySelector<HTMLSelectElement>('#order');
  const rows = [...document.querySelectorAll<HTMLElement>('table.grid > tbody > tr')];
  order?.addEventListener('change', () => {
    const key = (row: HTMLElement): number => Number(row.dataset['agreement'] ?? '2');
    const sorted = order.value === 'given' ? rows : [...rows].sort((a, b) => key(a) - key(b));
    rows[0]?.parentElement?.append(...sorted);
  });
}

function bindSwitch(name: 'outlines' | 'dim' | 'points' | 'maps' | 'truth', store: SettingsStore): void {
  const box = document.querySelector<HTMLInputElement>(`#${name}`);
  if (box === null) return;
  const apply = (): void =>
    store.change((values: Settings) => {
      values[name] = box.checked;
    });
  box.addEventListener('change', apply);
  apply();
}
