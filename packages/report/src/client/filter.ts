import type { Settings, SettingsStore } from './settings.js';

/** Whether a mask passes the filter by label and score. */
export function passes(label: string, score: number, settings: Settings): boolean {
  return score >= settings.score && label.toLowerCase().includes(settings.label);
}

/** Connects the fields for label and score: lists show what passes, and rows without any are hidden. */
export function bindFilter(store: SettingsStore): void {
  const label = document.querySelector<HTMLInputElement>('#filter-label');
  const score = document.querySelector<HTMLInputElement>('#filter-score');
  const shown = document.querySelector<HTMLElement>('#filter-shown');
  if (label === null || score === null || shown === null) return;
  const apply = (): void => {
    store.change((values) => {
      values.label = label.value.trim().toLowerCase();
      values.score = Number(score.value) / 100;
    });
    shown.textContent = `${(Number(score.value) / 100).toFixed(2)}${filterRows(store.values)}`;
  };
  label.addEventListener('input', apply);
  score.addEventListener('input', apply);
  // A reloaded page keeps its fields as they were.
  if (label.value !== '' || score.value !== '0') apply();
}

/** Hides entries of a row's lists that do not pass. */
export function filterLists(row: HTMLElement, settings: Settings): void {
  for (const button of row.querySelectorAll<HTMLElement>('button[data-segment]')) {
    const ok = passes(button.dataset['label'] ?? '', Number(button.dataset['score']), settings);
    if (button.parentElement !== null) button.parentElement.hidden = !ok;
  }
}

/** Labels of a row's results with the best score of each; known before the row is opened. */
function foundIn(row: HTMLElement): readonly (readonly [string, number])[] {
  return JSON.parse(row.dataset['found'] ?? '[]') as [string, number][];
}

/** Hides list entries that do not pass, and rows where no entry of a result does; says how many rows are left. */
function filterRows(settings: Settings): string {
  const active = settings.label !== '' || settings.score > 0;
  const rows = [...document.querySelectorAll<HTMLElement>('tr.row')];
  let left = 0;
  for (const row of rows) {
    filterLists(row, settings);
    row.hidden = active && !foundIn(row).some(([label, score]) => passes(label, score, settings));
    if (!row.hidden) left++;
  }
  return active ? `, ${left} of ${rows.length} rows` : '';
}
