import type { RunContext, Tensor } from '@maskloom/core';
import type { ReadImage } from './read-image.js';

interface Entry {
  readonly reading: Promise<ReadImage>;
  users: number;
  shelved: boolean;
}

/**
 * Images that stay read across runs, so that the next question about one continues from its key-value cache.
 * Known by the tensor of their vision features, which runs share through a feature cache, and by the words that they
 * were read for. The least recently used reading goes when there are too many, once no run uses it.
 */
export class ImageShelf {
  readonly #capacity: number;
  readonly #entries = new Map<string, Entry>();
  readonly #numbers = new WeakMap<Tensor, number>();
  #next = 0;

  /** @param capacity - images kept; 0 keeps none beyond their run */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /**
   * Gives a read image for the length of a run. Concurrent runs wait for one reading; when that one is
   * abandoned or fails, each that waits reads for itself.
   * @param features - the vision features' tensor
   * @param words - what the image is read for; '' when that makes no difference
   * @param read - reads the image; its tensors belong to the run's scope
   */
  async get(
    features: Tensor,
    words: string,
    run: RunContext,
    read: () => Promise<ReadImage>,
  ): Promise<ReadImage> {
    if (this.#capacity === 0) return read();
    const key = `${this.#numberOf(features)} ${words}`;
    const known = this.#entries.get(key);
    const entry = known ?? this.#start(key, run, read);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
    }
    entry.users++;
    run.scope.own(lease(() => this.#giveBack(entry)));
    try {
      return await entry.reading;
    } catch (error) {
      if (known === undefined || run.signal.aborted) throw error;
      return this.get(features, words, run, read);
    }
  }

  /** Releases every image; those in use go when their runs end. */
  dispose(): void {
    for (const key of [...this.#entries.keys()]) this.#drop(key);
  }

  #numberOf(features: Tensor): number {
    const known = this.#numbers.get(features) ?? this.#next++;
    this.#numbers.set(features, known);
    return known;
  }

  #start(key: string, run: RunContext, read: () => Promise<ReadImage>): Entry {
    const reading = read().then(({ states, cache }) => {
      run.scope.keep(states);
      cache.keep(run.scope);
      return { states, cache };
    });
    const entry: Entry = { reading, users: 0, shelved: true };
    reading.catch(() => {
      entry.shelved = false;
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    this.#entries.set(key, entry);
    for (const oldest of [...this.#entries.keys()].slice(0, -this.#capacity)) this.#drop(oldest);
    return entry;
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    if (entry === undefined) return;
    entry.shelved = false;
    releaseIfFree(entry);
  }

  #giveBack(entry: Entry): void {
    entry.users--;
    releaseIfFree(entry);
  }
}

function releaseIfFree(entry: Entry): void {
  if (entry.shelved || entry.users > 0) return;
  entry.reading.then(
    ({ states, cache }) => {
      states.release();
      cache.release();
    },
    () => undefined,
  );
}

/** A tensor of nothing whose release tells that the run has ended: scopes know how to release tensors alone. */
function lease(onRelease: () => void): Tensor {
  let held = true;
  return {
    dtype: 'float32',
    dims: [0],
    read: () => Promise.resolve(new Float32Array(0)),
    release: () => {
      if (held) onRelease();
      held = false;
    },
  };
}
