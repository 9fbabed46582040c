import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeMask, type Outcome } from '@maskloom/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ResultFolder, type ComparedRow } from './result-folder.js';

const head = { title: 'Two', columns: [{ id: 'a/b' }], facts: [], truth: false };
const frame = { rgb: new Uint8Array(12), width: 2, height: 2, sha256: '' };
const mask = encodeMask(new Uint8Array(4).fill(1), 2, 2);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskloom-result-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** An image on which one recipe finds something of each name. */
function row(path: string, labels: readonly string[]): ComparedRow {
  const segments = labels.map((label) => ({ label, score: 1, bbox: [0, 0, 2, 2] as const, area: 4, mask }));
  const request = { task: 'free' } as const;
  const prediction = { system: 'a', recipe: 'b', request, answer: '', segments, stages: [], warnings: [] };
  const outcome: Outcome = { ok: true, pipeline: 'a/b', prediction };
  return { image: { path }, frame, request, outcomes: [outcome] };
}

it('notes with each image only the classes that are new, and goes on with the colours of all of them', async () => {
  const images = Array.from({ length: 20 }, (_, n) => `${n}`.padStart(2, '0'));
  const keys = { run: 'run', images };
  const interrupted = new AbortController();
  const open = (): ResultFolder =>
    new ResultFolder(join(folder, 'out'), { images: [], resume: true }, interrupted.signal);
  const first = open();
  await first.begin(head, keys);
  for (const name of images.slice(0, 15)) {
    await first.addRow(row(`${name}.png`, ['everywhere', `only in ${name}`]));
    await first.finishImage(name, [], []);
  }
  interrupted.abort();
  await first.discard(true);
  const kept = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const journal = kept.find((name) => name.endsWith('.journal.jsonl')) ?? '';
  const lines = readFileSync(join(folder, journal), 'utf8').trim().split('\n').slice(1);
  expect(lines).toHaveLength(15);
  expect(lines.filter((line) => line.includes('everywhere'))).toHaveLength(1);
  expect(lines[14]).toContain('only in 14');
  expect(lines[14]).not.toContain('only in 13');

  const second = open();
  expect(await second.begin(head, keys)).toHaveLength(15);
  await second.addRow(row('15.png', ['everywhere', 'only in 00', 'only in 14', 'only in 15']));
  const rows = kept.find((name) => name.endsWith('report.html.rows')) ?? '';
  const data = [...readFileSync(join(folder, rows), 'utf8').matchAll(/class="row-data">\s*(\{.*\})/g)].at(
    -1,
  )?.[1];
  const { cells } = JSON.parse(data ?? '') as {
    readonly cells: { readonly segments: { colour: number }[] }[];
  };
  expect(cells[1]?.segments.map(({ colour }) => colour)).toEqual([0, 1, 15, 16]);
  await second.discard(false);
});
