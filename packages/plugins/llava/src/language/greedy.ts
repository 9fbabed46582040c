import { MaskloomError, type Tensor } from '@maskloom/core';

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
 * The most likely next token of every sequence in a batch: the lowest id with the largest logit.
 * @param logits - [rows, T, vocabulary]; the last of the T positions counts
 * @param ended - rows that no longer count: they get token 0 with chance 1, their logits are not looked at
 * @throws MaskloomError `MODEL_RUN_FAILED` when a row has no finite logit
 */
export async function greedyRows(
  logits: Tensor | undefined,
  ended: (row: number) => boolean = () => false,
): Promise<RowTokens> {
  const values = (await logits?.read()) ?? new Float32Array();
  const [rows = 0, positions = 1] = logits?.dims ?? [];
  const perRow = values.length / rows;
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
    const id = bestOf(values, from, to);
    const highest = values[from + id] as number;
    let sum = 0;
    for (let i = from; i < to; i++) sum += Math.exp((values[i] as number) - highest);
    ids.push(id);
    chances.push(1 / sum);
  }
  return { ids, chances };
}
