import { MaskloomError } from '@maskloom/masks';
import { CacheEntry } from './cache-entry.js';
import type { FeatureLease, FeatureRequest } from './feature-request.js';

/**
 * Encoder outputs shared across pipelines and requests. Owns its tensors; an image's features are dropped
 * when `maxImages` others were used more recently and no run uses them.
 */
export interface FeatureCache extends Disposable {
  /** Images with at least one entry. */
  readonly images: number;
  /** Requests answered without an encoding of their own. */
  readonly hits: number;
  /** Encodings started. */
  readonly misses: number;
  /**
   * Gives the features of an image, encoding at most once for concurrent requests. Pipelines call this.
   * @throws MaskloomError ABORTED, DISPOSED, or what the encoder throws (a failure is not remembered)
   */
  acquire(request: FeatureRequest): Promise<FeatureLease>;
  /** Drops everything; features in use go when their runs end. Idempotent. */
  dispose(): void;
}

/**
 * Makes a feature cache. Keys are the encoder's `cacheKey`, the image's SHA-256 and the model source.
 * @param options - `maxImages`: images kept, at least 1 (default 4)
 * @throws MaskloomError OPTION_INVALID
 */
export function createFeatureCache(options: { readonly maxImages?: number } = {}): FeatureCache {
  const { maxImages = 4 } = options;
  if (!Number.isInteger(maxImages) || maxImages < 1) {
    throw new MaskloomError(
      'OPTION_INVALID',
      `maxImages must be a whole number of at least 1, not ${maxImages}.`,
      {
        where: 'createFeatureCache.maxImages',
      },
    );
  }
  return new LruFeatureCache(maxImages);
}

class LruFeatureCache implements FeatureCache {
  readonly #maxImages: number;
  /** Image hash to key to entry; the map's order is the order of last use. */
  readonly #byImage = new Map<string, Map<string, CacheEntry>>();
  readonly #owners = new WeakMap<object, number>();
  #ownerCount = 0;
  #disposed = false;
  hits = 0;
  misses = 0;

  constructor(maxImages: number) {
    this.#maxImages = maxImages;
  }

  get images(): number {
    return this.#byImage.size;
  }

  async acquire(request: FeatureRequest): Promise<FeatureLease> {
    if (this.#disposed)
      throw new MaskloomError('DISPOSED', 'The feature cache has been disposed of.', {
        where: 'FeatureCache',
      });
    // The views of an image stay and go with it: they must not push the whole image out.
    const { sha256, partOf: hash = sha256 } = request.image;
    const key = `${this.#ownerNumber(request.owner)} ${sha256} ${request.key}`;
    const entries = this.#byImage.get(hash) ?? new Map<string, CacheEntry>();
    this.#byImage.delete(hash);
    this.#byImage.set(hash, entries);
    let entry = entries.get(key);
    const hit = entry !== undefined;
    if (entry === undefined) {
      this.misses++;
      const made: CacheEntry = new CacheEntry(request, () => this.#forget(hash, key, made));
      entries.set(key, made);
      entry = made;
    } else {
      this.hits++;
    }
    const lease = entry.lease(request.run, hit);
    this.#evict();
    return lease;
  }

  dispose(): void {
    this.#disposed = true;
    for (const entries of this.#byImage.values()) for (const entry of entries.values()) entry.drop();
    this.#byImage.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #forget(hash: string, key: string, entry: CacheEntry): void {
    const entries = this.#byImage.get(hash);
    if (entries?.get(key) !== entry) return;
    entries.delete(key);
    if (entries.size === 0) this.#byImage.delete(hash);
  }

  #evict(): void {
    for (const [hash, entries] of this.#byImage) {
      if (this.#byImage.size <= this.#maxImages) return;
      this.#byImage.delete(hash);
      for (const entry of entries.values()) entry.drop();
    }
  }

  #ownerNumber(owner: object): number {
    const number = this.#owners.get(owner) ?? ++this.#ownerCount;
    this.#owners.set(owner, number);
    return number;
  }
}
