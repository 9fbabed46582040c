import { MaskloomError } from '@maskloom/core';

/**
 * The most likely next token: the lowest id with the largest logit.
 * @param logits - [T, vocabulary], row-major; the last row counts
 * @throws MaskloomError `MODEL_RUN_FAILED` when no logit of that row is a number
 */
export function greedyToken(logits: Float32Array, rows: number): number {
  const vocabulary = logits.length / rows;
  const last = logits.subarray(logits.length - vocabulary);
  let best = -1;
  let highest = -Infinity;
  last.forEach((value, id) => {
    if (value > highest) {
      highest = value;
      best = id;
    }
  });
  if (best >= 0) return best;
  throw new MaskloomError('MODEL_RUN_FAILED', 'The language model gave no finite logit.', {
    where: 'llava/language-model',
    hint: 'Its weights or their precision are damaged: verify the bundle.',
  });
}

/** The most likely next token of each row. */
export interface RowTokens {
  readonly ids: readonly number[];
  /** The softmax probability of each, 0..1. */
  readonly chances: readonly number[];
}

/**
 * The most likely next token of every sequence in a batch.
 * @param logits - [rows, T, vocabulary], row-major; the last of the T positions counts
 * @throws MaskloomError `MODEL_RUN_FAILED` when a row has no finite logit
 */
export function greedyRows(logits: Float32Array, rows: number, positions: number): RowTokens {
  const perRow = logits.length / rows;
  const ids: number[] = [];
  const chances: number[] = [];
  for (let n = 0; n < rows; n++) {
    const row = logits.subarray(n * perRow, (n + 1) * perRow);
    const id = greedyToken(row, positions);
    const last = row.subarray(perRow - perRow / positions);
    const highest = last[id] ?? 0;
    ids.push(id);
    chances.push(1 / last.reduce((sum, value) => sum + Math.exp(value - highest), 0));
  }
  return { ids, chances };
}
