import { readFileSync } from 'node:fs';
import { MaskloomError } from '@maskloom/core';

/**
 * Reads labels, one a line; blank lines and lines that begin with `#` do not count.
 * @throws MaskloomError DATA_NOT_FOUND when there is no such file, DATA_INVALID when it holds no label
 */
export function readLabels(file: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new MaskloomError('DATA_NOT_FOUND', 'The file of labels cannot be read.', {
      where: file,
      hint: 'Check the path given to --labels-file.',
      cause,
    });
  }
  const labels = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (labels.length > 0) return labels;
  throw new MaskloomError('DATA_INVALID', 'The file holds no label.', {
    where: file,
    hint: "Write one label a line; synonyms as 'cat|kitten'.",
  });
}
