import { describe, expect, it } from 'vitest';
import { parseLabels } from './parse-labels.js';

describe('parseLabels', () => {
  it('reads synonyms and trims blanks', () => {
    expect(parseLabels([' cat | kitten|| tabby  cat', 'grass'], 'x')).toEqual({
      classes: [
        { label: 'cat', names: ['cat', 'kitten', 'tabby cat'] },
        { label: 'grass', names: ['grass'] },
      ],
      warnings: [],
    });
  });

  it('takes a label once that comes twice, with all its names, and says so', () => {
    const { classes, warnings } = parseLabels(['Cat|kitten', 'dog', 'cat|puss'], 'x');
    expect(classes).toEqual([
      { label: 'Cat', names: ['Cat', 'kitten', 'puss'] },
      { label: 'dog', names: ['dog'] },
    ]);
    expect(warnings).toEqual([expect.stringContaining("'cat'")]);
  });

  it('warns of a name that stands for two labels', () => {
    expect(parseLabels(['cat|kitten', 'kitten'], 'x').warnings).toEqual([
      expect.stringContaining("'kitten'"),
    ]);
  });

  it.each([[undefined], [[]], [['cat', ' | ']], [['']]])('refuses %j', (labels) => {
    expect(() => parseLabels(labels, 'x')).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });
});
