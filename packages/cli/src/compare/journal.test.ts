import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal, keyOf, type JournalEntry } from './journal.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskloom-journal-'));
  path = join(folder, 'j');
});
afterEach(() => rmSync(folder, { recursive: true }));

const entry = (key: string, bytes = 1): JournalEntry => ({
  key,
  runs: [],
  failures: [],
  report: { bytes, totals: {}, seen: { points: false, maps: false, slots: [] }, classes: [] },
});
function filled(...keys: readonly string[]): void {
  const journal = Journal.open(path, 'run', [], () => true);
  keys.forEach((key, i) => journal.add(entry(key, i + 1)));
  journal.close();
}
function kept(
  run: string,
  keys: readonly string[],
  whole: (one: JournalEntry) => boolean = () => true,
): string[] {
  const journal = Journal.open(path, run, keys, whole);
  journal.close();
  return journal.entries.map(({ key }) => key);
}

describe('Journal', () => {
  it('keeps the images that come first as they did before, and drops the rest for good', () => {
    filled('a', 'b', 'c');
    expect(kept('run', ['a', 'b', 'x', 'c'])).toEqual(['a', 'b']);
    expect(kept('run', ['a', 'b', 'c'])).toEqual(['a', 'b']);
  });

  it('keeps nothing of another run, nor what its files do not have', () => {
    filled('a', 'b', 'c');
    expect(kept('run', ['a', 'b', 'c'], ({ report }) => report.bytes < 3)).toEqual(['a', 'b']);
    expect(kept('other', ['a', 'b'])).toEqual([]);
    expect(kept('run', ['a', 'b'])).toEqual([]);
  });

  it('drops a torn or altered line and goes on after the last whole one', () => {
    filled('a', 'b');
    const size = readFileSync(path).length;
    truncateSync(path, size - 3);
    expect(kept('run', ['a', 'b'])).toEqual(['a']);
    appendFileSync(path, 'rubbish\n');
    const journal = Journal.open(path, 'run', ['a', 'b'], () => true);
    journal.add(entry('b'));
    journal.close();
    expect(kept('run', ['a', 'b'])).toEqual(['a', 'b']);
  });

  it('has keys that see into typed arrays', () => {
    expect(keyOf({ xy: Float32Array.of(1, 2) })).not.toBe(keyOf({ xy: Float32Array.of(1, 3) }));
    expect(keyOf({ xy: Float32Array.of(1, 2) })).toBe(keyOf({ xy: Float32Array.of(1, 2) }));
  });
});
