import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ClassColours } from './class-colours.js';
import { passes } from './client/filter.js';
import { SEGMENT_COLOURS } from './client/palette.js';
import { createSettings } from './client/settings.js';

describe('ClassColours', () => {
  it('gives a class one colour however often it is asked, and goes on from its list', () => {
    const classes = new ClassColours();
    expect(['cat', 'dog', 'cat'].map((label) => classes.placeOf(label))).toEqual([0, 1, 0]);
    const again = new ClassColours(classes.labels);
    expect([again.placeOf('mug'), again.colourOf('dog')]).toEqual([2, SEGMENT_COLOURS[1]]);
  });

  it("has the list's swatches in the colours of the masks", () => {
    const sheet = readFileSync(new URL('styles/palette.css', import.meta.url), 'utf8');
    SEGMENT_COLOURS.forEach((colour, i) =>
      expect(sheet).toContain(`.colour-${i} {\n  border-color: ${colour};\n  background: ${colour};`),
    );
    expect(new Set(SEGMENT_COLOURS).size).toBe(SEGMENT_COLOURS.length);
  });
});

describe('the filter', () => {
  it('passes masks whose label holds the words, without case, and whose score is high enough', () => {
    const settings = { ...createSettings().values, label: 'mug', score: 0.5 };
    expect(passes('Red Mug', 0.5, settings)).toBe(true);
    expect(passes('Red Mug', 0.49, settings)).toBe(false);
    expect(passes('jug', 0.9, settings)).toBe(false);
    expect(passes('jug', 0, createSettings().values)).toBe(true);
  });
});
