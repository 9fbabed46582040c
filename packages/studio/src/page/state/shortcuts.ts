import { takeFiles } from './take-files.js';
import type { Studio } from './studio.js';
import { TOOLS, undoMark } from './tools.js';

/** Keys that act wherever nothing is typed, for the page's own list of them. */
export const KEYS: readonly (readonly [string, string])[] = [
  ['Enter in the question', 'ask'],
  ['Escape', 'stop'],
  ['/', 'go to the question'],
  ...TOOLS.map(([, label, key]): [string, string] => [key, label]),
  ['z', 'undo the last mark'],
  ['t', 'outline of the truth'],
  ['+ − 0 and arrows on a picture', 'zoom and pan'],
];

/** Listens for keys, dropped files and pasted ones. */
export function bindPage(studio: Studio): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') studio.running.value?.abort();
    if (event.target instanceof HTMLElement && event.target.closest('input, textarea, select') !== null)
      return;
    const tool = TOOLS.find(([, , key]) => key === event.key);
    if (tool !== undefined) studio.tool.value = tool[0];
    if (event.key === 'z') undoMark(studio);
    if (event.key === 't') studio.settings.change((values) => (values.truth = !values.truth));
    if (event.key === '/') {
      event.preventDefault();
      document.querySelector<HTMLInputElement>('input[name="text"]')?.focus();
    }
  });
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    void takeFiles(studio, [...(event.dataTransfer?.files ?? [])]);
  });
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) void takeFiles(studio, files);
  });
}
