import { MaskloomError } from '@maskloom/core';
import type { Grid } from './score-grid.js';

/**
 * Similarity of one query state with every image token: the plain dot product of last-layer states (READ
 * eq. 5 as it runs: no norm, no temperature, no bias), in float32.
 * @param query - [width], the state that emitted `<SEG>`
 * @param tokens - [rows * columns, width] row-major, the states of the image tokens
 * @throws MaskloomError `VALUE_INVALID` when the sizes disagree or a score is not finite
 */
export function similarity(query: Float32Array, tokens: Float32Array, rows: number, columns: number): Grid {
  const width = query.length;
  if (tokens.length !== rows * columns * width) {
    throw new MaskloomError(
      'VALUE_INVALID',
      `${tokens.length} image-token values do not make ${rows} x ${columns} states of width ${width}.`,
      { where: 'read/similarity', hint: 'Query and image tokens must come from the same language model.' },
    );
  }
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < values.length; i++) {
    let sum = 0;
    for (let d = 0; d < width; d++) sum += (query[d] ?? 0) * (tokens[i * width + d] ?? 0);
    values[i] = sum;
  }
  if (!values.every(Number.isFinite)) {
    throw new MaskloomError('VALUE_INVALID', 'The similarity with the image tokens is not finite.', {
      where: 'read/similarity',
      hint: 'The language model gave NaN or infinite states: check its weights and precision.',
    });
  }
  return { rows, columns, values };
}
