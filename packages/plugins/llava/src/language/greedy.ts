import { MaskloomError } from '@maskloom/core';

/**
 * The most likely next token: the lowest id with the largest logit.
 * @param logits - [T, vocabulary], row-major; the last row counts
 * @throws MaskloomError `MODEL_RUN_FAILED` when no logit of that row is a number
 */
export function greedyToken(logits: Float32Array, rows: number): number {
  return bestOf(logits, logits.length - logits.length / rows, logits.length);
}

/** The place of the largest value in [from, to), counted from `from`. A plain loop: batches have a hundred such rows. */
function bestOf(logits: Float32Array, from: number, to: number): number {
  let best = -1;
  let highest = -Infinity;
  for (let i = from; i < to; i++) {
    const value = logits[i] as number;
    if (value > highest) {
      best = i - from;
      highest = value;
    }
  }
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
 * @param ended - rows that no longer count: they get token 0 with chance 1, their logits are not looked at
 * @throws MaskloomError `MODEL_RUN_FAILED` when a row has no finite logit
 */
export function greedyRows(
  logits: Float32Array,
  rows: number,
  positions: number,
  ended: (row: number) => boolean = () => false,
): RowTokens {
  const perRow = logits.length / rows;
  const vocabulary = perRow / positions;
  const ids: number[] = [];
  const chances: number[] = [];
  for (let n = 0; n < rows; n++) {
    if (ended(n)) {
      ids.push(0);
      chances.push(1);
      continue;
    }
    const to = (n + 1) * perRow;
    const from = to - vocabulary;
    const id = bestOf(logits, from, to);
    const highest = logits[from + id] as number;
    let sum = 0;
    for (let i = from; i < to; i++) sum += Math.exp((logits[i] as number) - highest);
    ids.push(id);
    chances.push(1 / sum);
  }
  return { ids, chances };
}
