import type { AlongPrompt, AlongText, RunContext, TensorLike, Tokenizer } from '@maskloom/core';
import type { CausalDecoder } from './causal-decoder.js';
import { greedyRows } from './greedy.js';
import type { KeyValueCache } from './key-value-cache.js';
import { WrittenRows } from './written-rows.js';

/** What writing along embeddings needs. */
export interface AlongParts {
  readonly decoder: CausalDecoder;
  readonly tokenizer: Tokenizer;
  readonly hidden: number;
  readonly eos: number;
  /** Keys and values of everything up to the last image token; not released here. */
  readonly image: KeyValueCache;
  /** Ids between the image and the answer. */
  readonly questionIds: readonly number[];
}

/**
 * ROSE's along-`<REGION>` generation: one answer in which an embedding stands for each region and its text follows,
 * up to the stop mark; then comes the next embedding. Every text can see those before it, so they cannot be written
 * side by side, and one that went wrong may lead the next astray (the paper finds such mismatches).
 */
export async function writeAlong(
  parts: AlongParts,
  { embeddings, stop, maxTokens }: AlongPrompt,
  run: RunContext,
): Promise<readonly AlongText[]> {
  const { decoder, tokenizer, hidden, eos, questionIds } = parts;
  const count = embeddings.dims[0] ?? 0;
  if (count === 0) return [];
  const rows = await embeddings.read();
  const question = await decoder.embed(questionIds, run);
  // What has been written and not yet read: the question, then each text's last token.
  let pending = question.data as Float32Array;
  let cache = parts.image;
  const texts: AlongText[] = [];
  for (let n = 0; n < count; n++) {
    const written = new WrittenRows(1, tokenizer, { eos, stop });
    let next = joined(pending, rows.subarray(n * hidden, (n + 1) * hidden), hidden);
    let length = (next.dims[1] ?? 0) as number;
    for (let t = 1; ; t++) {
      const step = await decoder.step(next, length, cache, ['logits', 'cache'], run);
      if (cache !== parts.image) cache.release();
      cache = step.cache;
      const { ids, chances } = await greedyRows(step.logits);
      step.logits?.release();
      written.add(ids, chances);
      const embedded = await decoder.embed([ids[0] ?? eos], run);
      if (written.done || t === maxTokens) {
        pending = embedded.data as Float32Array;
        break;
      }
      [next, length] = [embedded, 1];
    }
    texts.push(...written.texts());
    run.progress((n + 1) / count);
  }
  if (cache !== parts.image) cache.release();
  return texts;
}

function joined(first: Float32Array, second: Float32Array, hidden: number): TensorLike {
  const data = new Float32Array(first.length + second.length);
  data.set(first);
  data.set(second, first.length);
  return { dtype: 'float32', dims: [1, data.length / hidden, hidden], data };
}
