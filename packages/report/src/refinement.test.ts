import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodeMask, type ImageFrame, type Prediction, type Segment } from '@maskloom/core';
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
    '“this is <not> a ring” · category · segment 0: ring → cross, 4 → 2 pixels, IoU with the one before 0.500',
    '“one more” · missed · new: star, 3 pixels · chosen with the ground truth (oracle)',
  ]);
  expect(row.cells.map(({ column, prediction }) => [column, prediction])).toEqual([
    ['0: read/full', asked],
    ['1: refine/concat', renamed],
    ['2: refine/concat (ORACLE)', added],
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
    expect(page).not.toContain('this is <not>');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
