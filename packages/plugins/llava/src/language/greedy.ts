import { likeliest, type Tensor } from '@maskloom/core';

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
    const { id, chance } = likeliest(values, to - vocabulary, to);
    ids.push(id);
    chances.push(chance);
  }
  return { ids, chances };
}
