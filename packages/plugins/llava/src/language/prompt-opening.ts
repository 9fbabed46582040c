import type { RunContext } from '@maskloom/core';
import type { CausalDecoder } from './causal-decoder.js';
import type { KeyValueCache } from './key-value-cache.js';

/**
 * The keys and values of what stands before the image, read once for all images that come after the same words: a template
 * with the words behind the image has one beginning for all. The last beginning is kept, on this thread: a few tokens.
 */
export class PromptOpening {
  #ids = '';
  #cache: KeyValueCache | undefined;

  /** @param ids - of the tokens before the image; a cache of no tokens where there are none */
  async get(ids: readonly number[], decoder: CausalDecoder, run: RunContext): Promise<KeyValueCache> {
    if (ids.length === 0) return decoder.emptyCache();
    const key = ids.join();
    if (this.#cache !== undefined && this.#ids === key) return this.#cache;
    const embeds = await decoder.embed(ids, run);
    const { cache } = await decoder.step(embeds, ids.length, decoder.emptyCache(), ['cache'], run);
    const values = await cache.onThisThread();
    cache.release();
    this.#ids = key;
    this.#cache = values;
    return values;
  }
}
