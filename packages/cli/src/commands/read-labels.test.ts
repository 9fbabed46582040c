import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readLabels } from './read-labels.js';

const folder = mkdtempSync(join(tmpdir(), 'maskloom-labels-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (text: string): string => {
  const path = join(folder, 'labels.txt');
  writeFileSync(path, text);
  return path;
};

describe('readLabels', () => {
  it('takes one label a line, commas and synonyms included', () => {
    expect(readLabels(file('\uFEFFcat|kitten\r\n\n# animals\n fire hydrant, red \n'))).toEqual([
      'cat|kitten',
      'fire hydrant, red',
    ]);
  });

  it('says when there is nothing', () => {
    expect(() => readLabels(file('\n# none\n'))).toThrow(expect.objectContaining({ code: 'DATA_INVALID' }));
    expect(() => readLabels(join(folder, 'missing'))).toThrow(
      expect.objectContaining({ code: 'DATA_NOT_FOUND' }),
    );
  });
});
