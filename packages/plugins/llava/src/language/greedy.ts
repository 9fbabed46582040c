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
