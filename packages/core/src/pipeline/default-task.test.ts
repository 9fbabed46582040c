import { expect, it } from 'vitest';
import { defaultTask, type Asked } from './default-task.js';

const nothing: Asked = { text: false, labels: false, regions: false, able: [] };
const rose = ['free', 'semantic', 'instance', 'referring'] as const;

it.each([
  [{}, 'free'],
  [{ text: true }, 'referring'],
  [{ labels: true }, 'semantic'],
  [{ labels: true, text: true }, 'referring'],
  [{ regions: true }, 'prompted'],
  [{ regions: true, labels: true }, 'prompted'],
  [{ able: ['referring', 'reasoning'] }, 'referring'],
  [{ able: ['semantic'] }, 'semantic'],
  [{ able: ['prompted'] }, 'prompted'],
  [{ able: rose }, 'free'],
  [{ able: rose, regions: true }, 'free'],
  [{ able: rose, regions: true, text: true }, 'referring'],
  [{ able: rose, regions: true, labels: true }, 'semantic'],
  [{ able: ['prompted', ...rose], regions: true }, 'prompted'],
  [{ regions: true, masks: true }, 'free'],
  [{ able: ['semantic'], text: true }, 'referring'],
] satisfies [Partial<Asked>, string][])('%j asks for %s', (asked, task) => {
  expect(defaultTask({ ...nothing, ...asked })).toBe(task);
});
