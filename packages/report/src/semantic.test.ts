import { describe, expect, it } from 'vitest';
import { encodeMask, type ScoreMap, type Segment, type SemanticEvidence } from '@maskloom/core';
import { mapThumbnail } from './map-thumbnail.js';
import { renderSemantic } from './template/semantic.js';

const HOSTILE = '<b>&"';
const map: ScoreMap = {
  kind: 'cost',
  rows: 2,
  columns: 3,
  values: Float32Array.of(0, 1, 2, 3, 4, 5),
  covers: [0, 0, 6, 4],
};
const segment: Segment = {
  label: 'grass',
  score: 1,
  bbox: [0, 0, 6, 4],
  area: 24,
  mask: encodeMask(new Uint8Array(24).fill(1), 6, 4),
};
const evidence: SemanticEvidence = {
  views: 5,
  classes: [
    { label: HOSTILE, descriptions: [`a ${HOSTILE}`], share: 0, cost: map },
    { label: 'grass', descriptions: ['green', 'soft'], share: 0.25 },
  ],
  fusion: { kind: 'position', mean: 0.5, lowest: 0.25, highest: 0.75, map },
};

describe('renderSemantic', () => {
  it('shows weight, classes by share, cost maps and descriptions, and keeps hostile text inert', () => {
    const html = renderSemantic(evidence, [segment], [3]).text;
    expect(html).toContain('2 classes in 5');
    expect(html).toContain('CLIP weight 0.50');
    expect(html).toContain('per cell, 0.25 to 0.75');
    expect(html).toContain('swatch colour-3');
    expect(html).toContain('25.0 %');
    expect(html.indexOf('grass')).toBeLessThan(html.indexOf('not here'));
    expect(html.match(/<img class="thumbnail"/g)).toHaveLength(2);
    expect(html).toContain('soft');
    expect(html).not.toContain(HOSTILE);
  });

  it('is nothing for other systems, and short for thousands of classes', () => {
    expect(renderSemantic(undefined, [], []).text).toBe('');
    const classes = Array.from({ length: 2000 }, (_, i) => ({ label: `c${i}`, descriptions: [], share: 0 }));
    const html = renderSemantic({ views: 1, classes }, [], []).text;
    expect(html.match(/<li>/g)).toHaveLength(60);
    expect(html).toContain('and 1940 more');
  });
});

it('mapThumbnail draws one pixel a cell, the top row on top', async () => {
  const uri = mapThumbnail(map);
  const file = Buffer.from(uri.replace('data:image/bmp;base64,', ''), 'base64');
  expect(file.length).toBe(54 + 2 * 12);
  const pixel = (row: number, column: number) =>
    [...file.subarray(54 + (1 - row) * 12 + 3 * column).subarray(0, 3)].reverse();
  expect(pixel(0, 0)).toEqual([68, 1, 84]);
  expect(pixel(1, 2)).toEqual([253, 231, 37]);
});
