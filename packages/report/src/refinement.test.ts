import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodeMask, type ImageFrame, type Prediction, type Segment } from '@maskloom/core';
import { changesFrame, changesOf } from './changes.js';
import { refinementReport } from './refinement.js';
import { openReport } from './write-report.js';

const image: ImageFrame = { width: 4, height: 2, rgb: new Uint8Array(24), sha256: 'x' };

function segment(label: string, area: number): Segment {
  const pixels = new Uint8Array(8);
  pixels.fill(1, 0, area);
  return { label, score: 0.5, area, bbox: [0, 0, Math.min(4, area), 1], mask: encodeMask(pixels, 4, 2) };
}

const asked: Prediction = {
  system: 'read',
  recipe: 'full',
  request: { task: 'referring', text: 'the ring' },
  answer: 'It is.',
  segments: [segment('ring', 4)],
  stages: [],
  warnings: [],
};
const renamed: Prediction = {
  ...asked,
  segments: [segment('cross', 2)],
  refinement: { by: 'refine/concat', situation: 'category', say: 'this is <not> a ring', segment: 0 },
};
const added: Prediction = {
  ...renamed,
  segments: [segment('cross', 2), segment('star', 3)],
  refinement: { by: 'refine/concat', situation: 'missed', say: 'one more', segment: 1, oracle: true },
};

it('puts each step beside the one before, with what was said and what changed', () => {
  const steps = [asked, renamed, added].map((prediction) => ({ prediction }));
  const { head, row } = refinementReport({
    title: 'T',
    image,
    name: 'a.png',
    steps,
    facts: [['bundle', 'tiny']],
  });
  expect(head.columns.map(({ id }) => id)).toEqual([
    '0: read/full',
    '1: refine/concat',
    '2: refine/concat (ORACLE)',
  ]);
  expect(head.facts).toEqual([['bundle', 'tiny']]);
  expect(head.columns.map(({ summary }) => summary)).toEqual([
    'What read/full said.',
    '“this is <not> a ring” · category · segment 0: ring → cross, 4 → 2 pixels (0 pixels added, 2 removed), IoU with the one before 0.500',
    '“one more” · missed · new: star, 3 pixels · chosen with the ground truth (oracle)',
  ]);
  expect(row.cells.map(({ changes }) => changes && [changes.addedPixels, changes.removedPixels])).toEqual([
    undefined,
    [0, 2],
    [3, 0],
  ]);
  expect(row.cells.map(({ column, prediction }) => [column, prediction])).toEqual([
    ['0: read/full', asked],
    ['1: refine/concat', renamed],
    ['2: refine/concat (ORACLE)', added],
  ]);
});

it('says what edits changed, pixel by pixel', () => {
  const edits: readonly (readonly [Partial<Prediction>, string, readonly [number, number]])[] = [
    [
      {
        segments: [segment('ring', 8)],
        refinement: { by: 'edit', situation: 'larger', say: 'larger', segment: 0, from: [0] },
      },
      '“larger” · larger · segment 0: ring, 4 → 8 pixels (4 pixels added, 0 removed), IoU with the one before 0.500',
      [4, 0],
    ],
    [
      { segments: [], refinement: { by: 'edit', situation: 'delete', say: 'delete it', from: [0] } },
      '“delete it” · delete · removed 0: ring, 4 pixels',
      [0, 4],
    ],
    [
      { refinement: { by: 'edit', situation: 'keep', say: 'thanks' } },
      '“thanks” · keep · nothing changed',
      [0, 0],
    ],
  ];
  for (const [changed, summary, pixels] of edits) {
    const steps = [asked, { ...asked, ...changed }].map((prediction) => ({ prediction }));
    const { head, row } = refinementReport({ title: 'T', image, name: 'a.png', steps, facts: [] });
    expect(head.columns[1]?.summary).toBe(summary);
    const { changes } = row.cells[1] ?? {};
    expect([changes?.addedPixels, changes?.removedPixels]).toEqual(pixels);
  }
  const two = { ...asked, segments: [segment('ring', 4), segment('star', 6)] };
  const merged: Prediction = {
    ...asked,
    segments: [segment('star', 6)],
    refinement: { by: 'edit', situation: 'merge', say: 'merge both', segment: 0, from: [0, 1] },
  };
  const steps = [two, merged].map((prediction) => ({ prediction }));
  const { head, row } = refinementReport({ title: 'T', image, name: 'a.png', steps, facts: [] });
  expect(head.columns[1]?.summary).toBe('“merge both” · merge · 0: ring, 1: star → 0: star, 6 pixels');
  expect([row.cells[1]?.changes?.addedPixels, row.cells[1]?.changes?.removedPixels]).toEqual([0, 0]);
});

it('paints added pixels blue and removed ones orange over pale grey', () => {
  const after = { ...asked, segments: [segment('ring', 2)], refinement: renamed.refinement };
  const changes = changesOf(image, asked, after as Prediction);
  if (changes === undefined) throw new Error('no changes');
  const { rgb } = changesFrame(image, { ...changes, added: segment('x', 1).mask });
  const at = (pixel: number) => [...rgb.slice(3 * pixel, 3 * pixel + 3)];
  expect([at(0), at(1), at(2), at(3)]).toEqual([
    [0x44, 0x77, 0xaa],
    [128, 128, 128],
    [0xee, 0x77, 0x33],
    [0xee, 0x77, 0x33],
  ]);
});

it('makes a page whose text is escaped', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maskloom-refinement-'));
  try {
    const steps = [asked, renamed, added].map((prediction) => ({ prediction }));
    const { head, row } = refinementReport({ title: 'T', image, name: 'a.png', steps, facts: [] });
    const report = await openReport(join(folder, 'report.html'), head);
    await report.addRow(row);
    await report.finish();
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('2: refine/concat (ORACLE)');
    expect(page).toContain('this is &lt;not&gt; a ring');
    expect(page.match(/alt="\d pixels added, \d removed"/g)).toEqual([
      'alt="0 pixels added, 2 removed"',
      'alt="3 pixels added, 0 removed"',
    ]);
    expect(page).not.toContain('this is <not>');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
